//! Scenarios of `timeout`. It cannot guard a blocking function.

use failsafe::{Kind, Retry, Timeout, retry, timeout};

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

forms! {
    async total,
    #[timeout("100ms", name = "forms: total")]
    #[retry(max = 3, delay = "30ms")],
    (
        Timeout::builder("100ms").name("forms: total").build(),
        Retry::builder().max(3).delay("30ms").build(),
    ),
}

// GO Timeout: 150(Retry), 100(Retry delay 1 s): outside a retry it ends attempts and delays alike.
#[test]
fn outside_a_retry_it_is_for_all_attempts() {
    check(
        &total::forms(),
        [
            call("F10 S", Ok(2)).of(2, 2).took(40).into(),
            call("F20 S60", TIMED_OUT).of(2, 2).took(100).into(),
            call("F75 S", TIMED_OUT).took(100).into(),
            call("F F F S20", TIMED_OUT).of(4, 4).took(100).into(),
            call("F", DOWN).of(4, 4).took(90).into(),
        ],
    );
}

forms! {
    async each,
    #[retry(max = 2, delay = "30ms")]
    #[timeout("50ms", name = "forms: each")],
    (
        Retry::builder().max(2).delay("30ms").build(),
        Timeout::builder("50ms").name("forms: each").build(),
    ),
}

// GO Timeout: Retry(Timeout 50) with attempts that are too slow: each has the whole time, and each expiry is retried.
#[test]
fn inside_a_retry_it_is_for_each_attempt() {
    check(
        &each::forms(),
        [
            call("S60 F10 S49", Ok(3)).of(3, 3).took(50 + 30 + 10 + 30 + 49).into(),
            call("S60", TIMED_OUT).of(3, 3).took(50 + 30 + 50 + 30 + 50).into(),
        ],
    );
}
