//! Scenarios of `timeout`. It cannot guard a blocking function.

use failsafe::{Kind, Timeout, timeout};

use crate::harness::*;

const TIMED_OUT: Res = rejected(Kind::Timeout);

forms! {
    async limited,
    #[timeout("100ms", name = "forms: timeout")],
    Timeout::builder("100ms").name("forms: timeout").build(),
}

// GO Timeout: no expiry.
#[test]
fn what_is_in_time_is_left_alone() {
    check(
        &limited::forms(),
        [
            call("S", Ok(1)).told(&[]).into(),
            call("S99", Ok(1)).took(99).told(&[]).into(),
            call("F99", DOWN).took(99).into(),
        ],
    );
}

// GO Timeout: the call ends at its limit, whatever it would return; quirk 6.
#[test]
fn what_is_late_is_dropped_at_the_limit() {
    check(
        &limited::forms(),
        [
            call("S101", TIMED_OUT).took(100).told(&["timeout timeout after 100ms"]).into(),
            call("F500", TIMED_OUT).took(100).into(),
            call("S", Ok(1)).into(),
        ],
    );
}

forms! {
    async nested,
    #[timeout("100ms", name = "forms: outer")]
    #[timeout("50ms", name = "forms: inner")],
    (
        Timeout::builder("100ms").name("forms: outer").build(),
        Timeout::builder("50ms").name("forms: inner").build(),
    ),
}

// GO Timeout: 500(Timeout 100): the inner fires, once. Each call has a limit of its own, beside others too.
#[test]
fn each_call_has_its_own_limit() {
    check(
        &nested::forms(),
        [
            call("S60", TIMED_OUT).took(50).told(&["timeout timeout after 50ms"]).into(),
            together([
                call("S40", Ok(1)).took(40),
                call("S90", TIMED_OUT).took(50).after(20),
                call("S40", Ok(1)).took(40).after(45),
            ]),
        ],
    );
}
