//! Scenarios of `bulkhead`.

use failsafe::{Bulkhead, Kind, bulkhead, registry};

use crate::harness::*;

const FULL: Res = rejected(Kind::BulkheadFull);

forms! {
    two,
    #[bulkhead(2, name = "forms: two")],
    Bulkhead::builder(2).name("forms: two").build(),
}

// GO Bulkhead: ok; full 1/0 and one event; places come back, after failures too.
#[test]
fn so_many_calls_run_at_a_time() {
    check(
        &two::forms(),
        [
            call("S", Ok(1)).told(&[]).into(),
            call("N S", Ok(2)).into(),
            call("N N S", FULL).told(&["bulkhead rejected: bulkhead full"]).into(),
            call("N F", DOWN).into(),
            call("N S", Ok(2)).into(),
            shows("in_flight", "0"),
        ],
    );
}

forms! {
    patient,
    #[bulkhead(1, name = "forms: patient", wait = "50ms")],
    Bulkhead::builder(1).name("forms: patient").wait("50ms").build(),
}

// GO Bulkhead: max wait exceeded; with a free place nobody waits.
#[test]
fn a_call_waits_so_long() {
    check(
        &patient::forms(),
        [
            call("S10", Ok(1)).took(10).into(),
            call("N S", FULL).took(50).into(),
            shows("waiting", "0"),
            call("S", Ok(1)).into(),
        ],
    );
}

forms! {
    async queued,
    #[bulkhead(1, name = "forms: queued", wait = "1s", queue = 2)],
    Bulkhead::builder(1).name("forms: queued").wait("1s").queue(2).build(),
}

// GO Bulkhead: wait, then acquire (200 ms of 1 s); who comes first goes first, and one too many is refused.
#[test]
fn calls_wait_in_order() {
    check(
        &queued::forms(),
        [
            together([
                call("S200", Ok(1)).took(200),
                call("S50", Ok(1)).took(250),
                call("F30", DOWN).took(280),
                call("S", FULL),
                call("S", Ok(1)).took(70).after(210),
            ]),
            shows("in_flight", "0"),
            shows("waiting", "0"),
        ],
    );
}

fn take() {
    std::mem::forget(registry().bulkhead("forms: two").unwrap().try_acquire().unwrap());
}

// GO Bulkhead: permits taken by hand are places like others: of two, a call has what is left, and then none.
#[test]
fn places_are_taken_by_hand_too() {
    check(
        &two::forms(),
        [
            hand("a place is taken", take),
            call("S", Ok(1)).into(),
            call("N S", FULL).into(),
            shows("in_flight", "1"),
            hand("the other one is taken", take),
            call("S", FULL).of(1, 0).told(&["bulkhead rejected: bulkhead full"]).into(),
            shows("in_flight", "2"),
        ],
    );
}
