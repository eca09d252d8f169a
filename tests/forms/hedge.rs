//! Scenarios of `hedge`. It cannot guard a blocking function.

use failsafe::{Budget, Hedge, hedge, policy};

use crate::harness::*;

forms! {
    async once,
    #[hedge("10ms", name = "forms: hedge")],
    Hedge::builder("10ms").name("forms: hedge").build(),
}

// GO Hedge: what is in time is not hedged; of two attempts the first success wins; a failure ends nothing while another
// attempt runs; when all have failed the next one starts at once (quirk 22).
#[test]
fn the_first_success_wins() {
    check(
        &once::forms(),
        [
            call("S9", Ok(1)).took(9).told(&[]).into(),
            call("S100 S5", Ok(2)).of(2, 2).took(15).told(&["hedge hedge"]).into(),
            call("S20 S50", Ok(1)).of(2, 2).took(20).into(),
            call("S100 F5", Ok(1)).of(2, 2).took(100).into(),
            call("F3 S5", Ok(2)).of(2, 2).took(8).into(),
            call("F15 A50", ARGUMENT).of(2, 2).took(60).into(),
        ],
    );
}

forms! {
    async twice,
    #[hedge("10ms", max = 2, first, name = "forms: twice")],
    Hedge::builder("10ms").name("forms: twice").max(2).first().build(),
}

// GO Hedge: 10 ms, 2 hedges, 100 ms function: 3 attempts, the first attempt's result; any outcome can end the race.
#[test]
fn hedges_start_one_after_the_other() {
    check(
        &twice::forms(),
        [
            call("S100", Ok(1)).of(3, 3).took(100).told(&["hedge hedge", "hedge hedge"]).into(),
            call("S100 F5", DOWN).of(2, 2).took(15).into(),
            call("F5 S", DOWN).took(5).into(),
        ],
    );
}

forms! {
    async chosen,
    #[hedge("0s", max = 2, cancel(Ok(3)), name = "forms: chosen")],
    Hedge::builder("0s").name("forms: chosen").max(2).cancel_if(|outcome: &Res| *outcome == Ok(3)).build(),
}

// GO Hedge: delay 0 with CancelOnResult(3): 3 attempts.
#[test]
fn conditions_end_the_race() {
    check(
        &chosen::forms(),
        [
            call("S5 S7 S9", Ok(3)).of(3, 3).took(9).into(),
            call("S9 S7 S5", Ok(3)).of(3, 3).took(5).into(),
        ],
    );
}

static NONE: Budget = policy!(budget(name = "forms: hedges", max_rate = "0%", min_concurrency = 1));

forms! {
    async thrifty,
    #[hedge("10ms", max = 2, budget = NONE, name = "forms: thrifty")],
    Hedge::builder("10ms").name("forms: thrifty").max(2).budget(NONE.clone()).build(),
}

// GO Budget: a hedge allowed: 2 attempts, 1 hedge; the next is refused, and the attempts that run give the result.
#[test]
fn a_budget_bounds_the_hedges() {
    check(
        &thrifty::forms(),
        [
            call("S100", Ok(1))
                .of(2, 2)
                .took(100)
                .told(&["hedge hedge", "budget budget_exceeded: hedge"])
                .into(),
            shows("executions", "0"),
            shows("extras", "0"),
        ],
    );
}

forms! {
    async late,
    #[hedge("10ms", max = 4, cancel(Ok(3)), name = "forms: late")],
    Hedge::builder("10ms")
        .name("forms: late")
        .max(4)
        .cancel_if(|outcome: &Res| *outcome == Ok(3))
        .build(),
}

// GO Hedge: CancelOnResult, 4 hedges: the third attempt wins with 2 hedges; a late third result wins with 4.
#[test]
fn what_ends_the_race_may_come_early_or_late() {
    check(
        &late::forms(),
        [
            call("S100 S100 S5", Ok(3)).of(3, 3).took(25).told(&["hedge hedge"; 2]).into(),
            call("S100 S100 S60 S100", Ok(3)).of(5, 5).took(80).told(&["hedge hedge"; 4]).into(),
        ],
    );
}
