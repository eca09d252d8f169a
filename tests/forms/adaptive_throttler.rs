//! Scenarios of `adaptive_throttler`, on scripted chance.

use failsafe::{AdaptiveThrottler, Kind, adaptive_throttler, registry};

use crate::harness::*;

const THROTTLED: Res = rejected(Kind::Throttled);

forms! {
    of_two,
    #[adaptive_throttler(name = "forms: of two", failure_rate = "10% of 2 in 1m")],
    AdaptiveThrottler::builder().name("forms: of two").failure_rate("10% of 2 in 1m").build(),
}

// GO Throttler: at least 2: 1 failure is accepted, 2 eventually reject; a refused call does not run and is not counted;
// success 1/1, failure 1/1.
#[test]
fn a_share_is_refused_while_too_many_fail() {
    check_with_chance(
        &[0.7, 0.1],
        &of_two::forms(),
        [
            call("F", DOWN).told(&["adaptive_throttler failure"]).into(),
            call("F", DOWN).into(),
            call("S", Ok(1)).into(),
            shows("executions", "3"),
            call("S", THROTTLED).of(1, 0).into(),
            shows("executions", "3"),
            shows("failures", "2"),
        ],
    );
}

// What is older than the window is forgotten, and by hand everything.
#[test]
fn failures_are_forgotten() {
    check_with_chance(
        &[0.0],
        &of_two::forms(),
        [
            call("F F", DOWN).into(),
            call("F F", DOWN).into(),
            call("S", THROTTLED)
                .of(1, 0)
                .told(&["adaptive_throttler rejected: failure rate exceeded"])
                .into(),
            hand("it is reset", || registry().reset()),
            call("S", Ok(1)).into(),
            call("F", DOWN).into(),
            pass(120_000),
            call("F", DOWN).into(),
            shows("failures", "1"),
        ],
    );
}

forms! {
    bounded,
    #[adaptive_throttler(name = "forms: bounded", failure_rate = "50%", max_rejection = 0.5, handle(Err(Error::Argument)))],
    AdaptiveThrottler::builder()
        .name("forms: bounded")
        .failure_rate("50%")
        .max_rejection(0.5)
        .handle_if(|outcome: &Res| *outcome == ARGUMENT)
        .build(),
}

// GO Throttler: the max rate is respected; conditions say what a failure is.
#[test]
fn the_share_is_bounded() {
    check_with_chance(
        &[0.9, 0.9, 0.51, 0.1],
        &bounded::forms(),
        [
            call("F", DOWN).told(&["adaptive_throttler success"]).into(),
            call("A", ARGUMENT).into(),
            call("A", ARGUMENT).into(),
            call("A", ARGUMENT).into(),
            call("A", ARGUMENT).into(),
            call("S", Ok(1)).into(),
            call("S", THROTTLED).of(1, 0).into(),
        ],
    );
}

fn record(failures: u32, successes: u32) {
    let throttler = registry().adaptive_throttler("forms: of two").unwrap();
    (0..failures).for_each(|_| throttler.record_failure());
    (0..successes).for_each(|_| throttler.record_success());
}

// GO Throttler: failures recorded by hand eventually reject; with enough successes nothing is refused, and chance is not
// asked.
#[test]
fn what_is_recorded_by_hand_counts_too() {
    check_with_chance(
        &[0.5, 0.95],
        &of_two::forms(),
        [
            hand("failures are recorded", || record(20, 0)),
            // 20/21 is too many; of those no more than nine of ten are refused.
            call("S", THROTTLED).of(1, 0).into(),
            call("S", Ok(1)).into(),
            hand("successes are recorded", || record(0, 200)),
            call("S", Ok(1)).told(&["adaptive_throttler success"]).into(),
            shows("executions", "222"),
            shows("failures", "20"),
        ],
    );
}
