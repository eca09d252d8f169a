//! What comes out of policies that stand on one function.

use std::error::Error as _;

use failsafe::{
    CircuitBreaker, Fallback, Kind, Rejected, Retry, Timeout, circuit_breaker, fallback,
};
use failsafe::{registry, retry, timeout, with};

use crate::support::*;

/// The outcome, attempts and executions of one call.
async fn counted(call: impl Future<Output = Res>) -> (Res, u32, u32) {
    alone(async {
        let mut heard = Heard::new();
        let outcome = call.await;
        let (attempts, executions, _) = heard.done()[0];
        (outcome, attempts, executions)
    })
    .await
}

#[fallback(value = Ok(0))]
#[retry]
async fn fallback_retry(body: &Body) -> Res {
    body.run().await
}

#[fallback(value = Ok(0), handle_rejected(Kind::RetriesExceeded))]
#[retry(exhausted = "error", handle(Err(Error::Down)))]
async fn fallback_for_exhaustion(body: &Body) -> Res {
    body.run().await
}

// GO 17: Fallback(Retry): 3/3, the fallback's value; a fallback that handles only exhausted retries.
#[tokio::test(start_paused = true)]
async fn fallback_around_retry() {
    assert_eq!(counted(fallback_retry(&Body::new("F"))).await, (Ok(0), 3, 3));
    assert_eq!(counted(fallback_for_exhaustion(&Body::new("F"))).await, (Ok(0), 3, 3));
    assert_eq!(counted(fallback_for_exhaustion(&Body::new("T"))).await, (Err(Error::State), 1, 1));
}

// GO 17: Retry(Fallback): 1/1 success. In an attribute that is a compile error (see the ui tests); built, it is what it
// says, and with conditions it is of use.
#[tokio::test(start_paused = true)]
async fn retry_around_fallback() {
    let fallback = || Fallback::with(|_| Res::Ok(0));
    let body = Body::new("F");
    let guarded = with((Retry::builder().build(), fallback().build()));
    assert_eq!((guarded.run(|| body.run()).await, body.runs()), (Ok(0), 1));
    let of_state = fallback().handle_if(|outcome: &Res| *outcome == Err(Error::State)).build();
    let body = Body::new("FFT");
    let guarded = with((Retry::builder().build(), of_state));
    assert_eq!((guarded.run(|| body.run()).await, body.runs()), (Ok(0), 3));
}

#[circuit_breaker(name = "composition: around", failures = 2)]
#[retry]
async fn breaker_retry(body: &Body) -> Res {
    body.run().await
}

#[retry]
#[circuit_breaker(name = "composition: inside")]
async fn retry_breaker(body: &Body) -> Res {
    body.run().await
}

// GO 17: Breaker(Retry): one failure recorded. Retry(Breaker default): 3/1, ending in "breaker open".
#[tokio::test(start_paused = true)]
async fn a_breaker_around_or_inside_a_retry() {
    alone(async {
        let body = Body::new("F");
        assert_eq!((breaker_retry(&body).await, body.runs()), (DOWN, 3));
        let breaker = registry().circuit_breaker("composition: around").unwrap();
        assert_eq!(breaker.metrics().failures(), 1);
    })
    .await;
    assert_eq!(counted(retry_breaker(&Body::new("F"))).await, (OPEN, 3, 1));
}

#[fallback(value = Ok(0))]
#[retry]
#[circuit_breaker(name = "composition: five", failures = 5)]
async fn fallback_retry_breaker(body: &Body) -> Res {
    body.run().await
}

// GO 17: Fallback(Retry(Breaker 5)): 3/3 with 3 failures of the breaker, which is closed.
#[tokio::test(start_paused = true)]
async fn three_policies() {
    alone(async {
        let body = Body::new("F");
        assert_eq!((fallback_retry_breaker(&body).await, body.runs()), (Ok(0), 3));
        let breaker = registry().circuit_breaker("composition: five").unwrap();
        assert_eq!((breaker.is_closed(), breaker.metrics().failures()), (true, 3));
    })
    .await;
}

#[circuit_breaker(name = "composition: timeout")]
#[timeout("10ms")]
async fn breaker_timeout(body: &Body) -> Res {
    body.run().await
}

// GO 17: Breaker(Timeout): a timeout opens it.
#[tokio::test(start_paused = true)]
async fn a_timeout_opens_the_breaker_outside() {
    alone(async {
        let body = Body::taking("S", ms(100));
        assert_eq!((breaker_timeout(&body).await, breaker_timeout(&body).await), (TIMED_OUT, OPEN));
    })
    .await;
}

#[retry(exhausted = "error")]
#[circuit_breaker(name = "composition: source", failures = 2)]
async fn exhausted_by_breaker() -> Result<(), Rejected> {
    Err(Reason.into())
}

struct Reason;

impl From<Reason> for Rejected {
    fn from(_: Reason) -> Self {
        let breaker = CircuitBreaker::builder().name("within").build();
        breaker.open();
        breaker.acquire().unwrap_err()
    }
}

// GO 3.6: a retry that ends because of the breaker has its rejection as the source.
#[tokio::test(start_paused = true)]
async fn an_exhausted_retry_names_the_rejection_that_was_last() {
    alone(async {
        let rejected = exhausted_by_breaker().await.unwrap_err();
        assert_eq!(rejected.kind(), Kind::RetriesExceeded);
        let source = rejected.source().unwrap().downcast_ref::<Rejected>().unwrap();
        assert_eq!((source.kind(), source.policy()), (Kind::CircuitOpen, "composition: source"));
    })
    .await;
}

#[fallback(value = Ok(0), on_failure = |_| notes.add("fallback"))]
#[timeout("10s", on_timeout = |_| notes.add("outer timeout"))]
#[retry(max = 3, on_failure = |_| notes.add("retry"))]
#[circuit_breaker(name = "composition: all", failures = 9, on_failure = |_| notes.add("breaker"))]
#[timeout("1s", on_timeout = |_| notes.add("inner timeout"))]
async fn everything(body: &Body, notes: &Notes) -> Res {
    body.run().await
}

// GO 1.12: the recommended order, from the inside outwards.
#[tokio::test(start_paused = true)]
async fn results_travel_outwards_through_every_policy() {
    alone(async {
        let notes = Notes::new();
        assert_eq!(everything(&Body::taking("S", ms(5_000)), &notes).await, Ok(0));
        let attempt = ["inner timeout", "breaker", "retry"];
        let heard = notes.take();
        assert_eq!(heard[..12], [attempt; 4].concat());
        assert_eq!(heard[12..], ["fallback"]);
        assert_eq!(everything(&Body::new("S"), &notes).await, Ok(1));
        assert!(notes.take().is_empty());
    })
    .await;
}

// The same stack, built.
#[tokio::test(start_paused = true)]
async fn a_built_stack_nests_as_attributes_do() {
    let breaker = CircuitBreaker::builder().failures(3).build();
    let guarded = with((
        Fallback::with(|failure: failsafe::Failure<Res>| match failure.rejected() {
            Some(rejected) => Err(Error::Rejected(rejected.kind())),
            None => Ok(0),
        })
        .build(),
        Timeout::builder("10s").build(),
        Retry::builder().max(3).build(),
        breaker.clone(),
        Timeout::builder("1s").build(),
    ));
    let slow = Body::taking("S", ms(5_000));
    assert_eq!((guarded.run(|| slow.run()).await, slow.runs()), (OPEN, 3));
    breaker.reset();
    let failing = Body::new("FFFS");
    assert_eq!((guarded.run(|| failing.run()).await, failing.runs()), (OPEN, 3));
    breaker.reset();
    assert_eq!(guarded.run(|| async { Ok(7) }).await, Ok(7));
}
