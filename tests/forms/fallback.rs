//! Scenarios of `fallback`.

use failsafe::testing::VirtualTime;
use failsafe::{
    Bulkhead, CircuitBreaker, Failure, Fallback, Kind, bulkhead, circuit_breaker, fallback,
};

use crate::harness::*;

forms! {
    plain,
    #[fallback(value = Ok(100))],
    Fallback::value(Res::Ok(100)).build(),
}

// GO Fallback: value; no failure: untouched.
#[test]
fn a_failure_is_answered() {
    check(
        &plain::forms(),
        [
            call("S", Ok(1)).told(&["fallback success"]).into(),
            call("F", Ok(100)).told(&["fallback failure", "fallback fallback"]).into(),
            call("A", Ok(100)).into(),
        ],
    );
}

forms! {
    some,
    #[fallback(error = Error::Argument, handle(Err(Error::Down)))],
    Fallback::<Res>::error(Error::Argument).handle_if(|outcome: &Res| *outcome == DOWN).build(),
}

// GO Fallback: error; HandleResult: what is not named is untouched. A fallback that answers a failure leaves a failure.
#[test]
fn conditions_say_what_is_answered() {
    check(
        &some::forms(),
        [
            call("F", ARGUMENT).told(&["fallback failure", "fallback fallback (failed)"]).into(),
            call("A", ARGUMENT).told(&["fallback success"]).into(),
            call("S", Ok(1)).into(),
        ],
    );
}

fn answer(failure: Failure<Res>) -> Res {
    match failure.rejected() {
        Some(rejected) if rejected.kind() == Kind::BulkheadFull => Ok(200),
        Some(_) => DOWN,
        None => failure.outcome().map_or(Ok(0), |outcome| Ok(300 + u32::from(outcome == ARGUMENT))),
    }
}

forms! {
    looking,
    #[fallback(with = answer)]
    #[bulkhead(1, name = "forms: inside")],
    (Fallback::with(answer).build(), Bulkhead::builder(1).name("forms: inside").build()),
}

// GO Fallback: function using the last error; a rejection by a policy inside is a failure too.
#[test]
fn the_answer_is_made_from_the_failure() {
    check(
        &looking::forms(),
        [
            call("F", Ok(300)).into(),
            call("A", Ok(301)).into(),
            call("N S", Ok(200)).into(),
            call("S", Ok(1)).into(),
        ],
    );
}

forms! {
    selective,
    #[fallback(value = Ok(100), handle_rejected(Kind::CircuitOpen))]
    #[circuit_breaker(name = "forms: selective", delay = "1s")],
    (
        Fallback::value(Res::Ok(100)).handle_rejected(|kind| kind == Kind::CircuitOpen).build(),
        CircuitBreaker::builder().name("forms: selective").delay("1s").build(),
    ),
}

// GO Fallback: HandleErrors matching: one that answers a rejection by a policy inside leaves the failures of the body.
#[test]
fn rejections_alone_can_be_answered() {
    check(
        &selective::forms(),
        [
            call("F", DOWN)
                .told(&[
                    "circuit_breaker failure",
                    "circuit_breaker state_changed closed -> open",
                    "fallback success",
                ])
                .into(),
            call("S", Ok(100))
                .of(1, 0)
                .told(&[
                    "circuit_breaker rejected: circuit breaker open",
                    "fallback failure",
                    "fallback fallback",
                ])
                .into(),
            pass(1_000),
            call("S", Ok(1)).into(),
        ],
    );
}

async fn answer_later(failure: Failure<Res>) -> Res {
    VirtualTime::sleep(ms(50)).await;
    failure.outcome().map_or(Ok(0), |outcome| if outcome == ARGUMENT { DOWN } else { Ok(7) })
}

forms! {
    async waiting,
    #[fallback(with = answer_later)],
    Fallback::with_async(answer_later).build(),
}

// An answer that has to be waited for is waited for, and is asked for a failure only.
#[test]
fn an_answer_may_take_its_time() {
    check(
        &waiting::forms(),
        [
            call("S10", Ok(1)).took(10).into(),
            call("F10", Ok(7)).took(60).told(&["fallback failure", "fallback fallback"]).into(),
            call("A", DOWN)
                .took(50)
                .told(&["fallback failure", "fallback fallback (failed)"])
                .into(),
        ],
    );
}
