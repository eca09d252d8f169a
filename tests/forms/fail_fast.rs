//! Scenarios of `fail_fast`.

use std::cell::Cell;

use failsafe::{FailFast, Kind, fail_fast, registry};

use crate::harness::*;

const REFUSED: Res = rejected(Kind::FailFast);

forms! {
    by_hand,
    #[fail_fast(name = "forms: by hand", failures = 2)],
    FailFast::builder().name("forms: by hand").failures(2).build(),
}

fn state() -> FailFast {
    registry().fail_fast("forms: by hand").unwrap()
}

// FF: failures in a row; refused calls do not run; it stays so until it is ended by hand.
#[test]
fn it_refuses_after_failures_in_a_row() {
    check(
        &by_hand::forms(),
        [
            call("F", DOWN).into(),
            call("S", Ok(1)).into(),
            call("F", DOWN).into(),
            shows("failures", "1"),
            call("F", DOWN).told(&["fail_fast failure", "fail_fast failed"]).into(),
            call("S", REFUSED).of(1, 0).told(&["fail_fast rejected: failing fast"]).into(),
            pass(1_000_000_000),
            call("S", REFUSED).of(1, 0).into(),
            hand("it recovers", || state().recover()),
            call("F", DOWN).into(),
            call("S", Ok(1)).into(),
            hand("it is failed", || state().fail()),
            call("S", REFUSED).of(1, 0).into(),
        ],
    );
}

thread_local! {
    static WELL: Cell<bool> = const { Cell::new(false) };
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

fn is_well() -> bool {
    WELL.get()
}

forms! {
    probed,
    #[fail_fast(name = "forms: probed", every = "5s", probe = is_well)],
    FailFast::builder().name("forms: probed").every("5s").probe(is_well).build(),
}

// FF: after `every` the next call runs the probe, which decides.
#[test]
fn a_probe_ends_it() {
    check(
        &probed::forms(),
        [
            hand("it is not well", || WELL.set(false)),
            call("F", DOWN).into(),
            pass(4_999),
            call("S", REFUSED).of(1, 0).into(),
            pass(1),
            call("S", REFUSED).of(1, 0).into(),
            shows("probes", "1"),
            hand("it is well", || WELL.set(true)),
            pass(4_999),
            call("S", REFUSED).of(1, 0).into(),
            pass(1),
            call("S", Ok(1)).told(&["fail_fast recovered", "fail_fast success"]).into(),
            call("S", Ok(1)).told(&["fail_fast success"]).into(),
        ],
    );
}

fn is_busy() -> bool {
    BUSY.get()
}

forms! {
    narrowed,
    #[fail_fast(name = "forms: narrowed", when = is_busy, handle(Err(Error::Down)))],
    FailFast::builder()
        .name("forms: narrowed")
        .when(is_busy)
        .handle_if(|outcome: &Res| *outcome == DOWN)
        .build(),
}

// FF: while the predicate says so calls are refused, and nothing changes; conditions say what a failure is.
#[test]
fn a_predicate_refuses_and_conditions_judge() {
    check(
        &narrowed::forms(),
        [
            hand("it is busy", || BUSY.set(true)),
            call("S", REFUSED).of(1, 0).into(),
            shows("failures", "0"),
            hand("it is not busy", || BUSY.set(false)),
            call("A", ARGUMENT).into(),
            call("S", Ok(1)).into(),
            call("F", DOWN).into(),
            call("S", REFUSED).of(1, 0).into(),
        ],
    );
}

forms! {
    only_by_hand,
    #[fail_fast(name = "forms: only by hand", failures = unlimited)],
    FailFast::builder().name("forms: only by hand").unlimited().build(),
}

fn only_state() -> FailFast {
    registry().fail_fast("forms: only by hand").unwrap()
}

// FF: without a number of failures it fails by hand only; what others record is a failure of theirs as well.
#[test]
fn it_can_be_left_to_hands() {
    check(
        &only_by_hand::forms(),
        [
            call("F", DOWN).told(&["fail_fast failure"]).into(),
            call("F", DOWN).into(),
            hand("failures are recorded", || (0..100).for_each(|_| only_state().record_failure())),
            call("S", Ok(1)).told(&["fail_fast success"]).into(),
            hand("it is failed", || only_state().fail()),
            call("S", REFUSED).of(1, 0).told(&["fail_fast rejected: failing fast"]).into(),
            hand("it is as at the start", || registry().reset()),
            call("S", Ok(1)).into(),
        ],
    );
}
