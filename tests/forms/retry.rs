//! Scenarios of `retry`.

use failsafe::config::Exhausted;
use failsafe::{Budget, Kind, Retry, policy, retry};

use crate::harness::*;

forms! {
    twice,
    #[retry(max = 2, delay = "100ms", name = "forms: retry")],
    Retry::builder().name("forms: retry").max(2).delay("100ms").build(),
}

// GO Retry: success 1/1; default failing 3/3; the last failure itself.
#[test]
fn a_failure_is_tried_again_after_a_delay() {
    check(
        &twice::forms(),
        [
            call("S", Ok(1)).told(&["retry success"]).into(),
            call("F50 S50", Ok(2)).of(2, 2).took(200).into(),
            call("F F S", Ok(3))
                .of(3, 3)
                .took(200)
                .told(&[
                    "retry failure",
                    "retry retry_scheduled in 100ms",
                    "retry retry",
                    "retry failure",
                    "retry retry_scheduled in 100ms",
                    "retry retry",
                    "retry success",
                ])
                .into(),
            call("F F A S", ARGUMENT).of(3, 3).took(200).into(),
        ],
    );
}

forms! {
    exceeding,
    #[retry(max = 1, exhausted = "error", abort(Err(Error::Argument)))],
    Retry::builder()
        .max(1)
        .exhausted(Exhausted::Error)
        .abort_if(|outcome: &Res| *outcome == ARGUMENT)
        .build(),
}

// GO Retry: the exceeded error and its event; abort ends the retries with the outcome itself.
#[test]
fn retries_run_out_or_are_aborted() {
    check(
        &exceeding::forms(),
        [
            call("F", rejected(Kind::RetriesExceeded))
                .of(2, 2)
                .told(&[
                    "retry failure",
                    "retry retry_scheduled in 0ns",
                    "retry retry",
                    "retry failure",
                    "retry retries_exceeded",
                ])
                .into(),
            call("A", ARGUMENT).told(&["retry failure", "retry abort"]).into(),
            call("F A", ARGUMENT).of(2, 2).into(),
        ],
    );
}

forms! {
    growing,
    #[retry(max = 5, backoff = "10ms..40ms", max_duration = "200ms")],
    Retry::builder().max(5).backoff("10ms..40ms").max_duration("200ms").build(),
}

// GO Retry: a backoff grows up to its longest delay; a failure at or after the max duration is the last, and delays are
// cut to fit.
#[test]
fn delays_grow_and_are_bounded_by_the_duration() {
    check(
        &growing::forms(),
        [
            call("F", DOWN).of(6, 6).took(10 + 20 + 40 + 40 + 40).into(),
            call("F200 S", DOWN).took(200).into(),
            call("F150 F30 S", Ok(3)).of(3, 3).took(150 + 10 + 30 + 10).into(),
        ],
    );
}

static ONE: Budget = policy!(budget(name = "forms: budget", max_rate = "0%", min_concurrency = 1));

forms! {
    thrifty,
    #[retry(max = 2, budget = ONE)],
    Retry::builder().max(2).budget(ONE.clone()).build(),
}

// GO Budget: a retry takes a permit of the budget, another one is refused, and the permit comes back.
#[test]
fn a_budget_bounds_the_retries() {
    check(
        &thrifty::forms(),
        [
            // The first call's retry holds the permit while it makes the second call, whose retry is refused.
            call("F N F S", Ok(4)).of(3, 3).into(),
            shows("extras", "0"),
            shows("executions", "0"),
            call("F", DOWN).of(3, 3).into(),
        ],
    );
}
