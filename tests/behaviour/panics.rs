//! Panics in the body and in what is written in the attributes: they reach the caller, and places are given back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use failsafe::circuit_breaker::State;
use failsafe::{circuit_breaker, fallback, registry, retry, timeout};

use crate::support::*;

/// Runs a future that must panic; its message.
async fn panics<F: Future>(future: F) -> String
where
    F::Output: std::fmt::Debug,
{
    let mut future = Box::pin(future);
    std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(std::task::Poll::Pending) => std::task::Poll::Pending,
        Ok(std::task::Poll::Ready(output)) => panic!("no panic, but {output:?}"),
        Err(panic) => std::task::Poll::Ready(text(&*panic)),
    })
    .await
}

fn text(panic: &(dyn std::any::Any + Send)) -> String {
    (*panic.downcast_ref::<&str>().unwrap()).to_owned()
}

#[circuit_breaker(name = "panics: body", failures = 2, successes = 2, delay = "1s")]
async fn body_panics(after: u64) -> Res {
    if after > 0 {
        pass(after).await;
    }
    panic!("the body")
}

#[circuit_breaker(name = "panics: body")]
fn blocking_body_panics() -> Res {
    panic!("the body")
}

// GO quirk 8: a panic counts as neither success nor failure, and gives a trial's place back.
#[tokio::test(start_paused = true)]
async fn a_panicking_body_neither_opens_locks_nor_closes() {
    alone(async {
        let breaker = registry().circuit_breaker("panics: body").unwrap();
        for state in [State::Closed, State::HalfOpen] {
            if state == State::HalfOpen {
                breaker.half_open();
            }
            for _ in 0..5 {
                assert_eq!(panics(body_panics(0)).await, "the body");
                assert_eq!(panics(body_panics(10)).await, "the body");
                assert_eq!(text(&*catch_unwind(blocking_body_panics).unwrap_err()), "the body");
                assert_eq!((breaker.state(), breaker.metrics().executions()), (state, 0));
            }
        }
        let free: Vec<_> = std::iter::from_fn(|| breaker.try_acquire()).collect();
        assert_eq!(free.len(), 2);
    })
    .await;
}

#[circuit_breaker(name = "panics: delay", delay = "1s", delay_with = |outcome| match outcome {
    Err(Error::State) => panic!("the delay"),
    _ => None::<std::time::Duration>,
})]
async fn delay_panics(body: &Body) -> Res {
    body.run().await
}

// GO Pipeline: a panic in DelayFunc propagates; and it does not lock the breaker.
#[tokio::test(start_paused = true)]
async fn a_panicking_delay_with_reaches_the_caller_and_does_not_lock() {
    alone(async {
        let breaker = registry().circuit_breaker("panics: delay").unwrap();
        let failing = Body::new("T");
        for _ in 0..3 {
            breaker.half_open();
            assert_eq!(panics(delay_panics(&failing)).await, "the delay");
            pass(1_000).await;
            assert_eq!(
                (delay_panics(&Body::new("S")).await, breaker.state()),
                (Ok(1), State::Closed)
            );
        }
    })
    .await;
}

#[circuit_breaker(name = "panics: condition", handle_if = |outcome| match outcome {
    Err(Error::State) => panic!("the condition"),
    other => other.is_err(),
})]
async fn condition_panics(body: &Body) -> Res {
    body.run().await
}

#[tokio::test(start_paused = true)]
async fn a_panicking_condition_gives_the_place_back() {
    alone(async {
        let breaker = registry().circuit_breaker("panics: condition").unwrap();
        breaker.half_open();
        let failing = Body::new("T");
        for _ in 0..3 {
            assert_eq!(panics(condition_panics(&failing)).await, "the condition");
            assert_eq!((breaker.state(), breaker.metrics().executions()), (State::HalfOpen, 0));
        }
        assert_eq!(
            (condition_panics(&Body::new("S")).await, breaker.state()),
            (Ok(1), State::Closed)
        );
    })
    .await;
}

#[retry(delay_with = |_| -> Option<std::time::Duration> { panic!("the delay") })]
async fn retry_delay_panics(body: &Body) -> Res {
    body.run().await
}

#[retry(max = 5)]
async fn third_run_panics(body: &Body) -> Res {
    let outcome = body.run().await;
    assert!(body.runs() < 3, "the third run");
    outcome
}

// GO Retry: a panic in DelayFunc propagates; a panic in the body is not retried.
#[tokio::test(start_paused = true)]
async fn a_panic_is_not_retried() {
    let body = Body::new("F");
    assert_eq!((panics(retry_delay_panics(&body)).await, body.runs()), ("the delay".to_owned(), 1));
    let body = Body::new("F");
    assert_eq!(
        (panics(third_run_panics(&body)).await, body.runs()),
        ("the third run".to_owned(), 3)
    );
}

#[timeout("1s")]
async fn timed_panics(after: u64) -> Res {
    pass(after).await;
    panic!("the body")
}

#[fallback(value = Ok(0))]
async fn guarded_panics() -> Res {
    panic!("the body")
}

#[fallback(with = |_| panic!("the fallback"))]
async fn fallback_panics() -> Res {
    Err(Error::Down)
}

// GO 5: a panic in the fallback propagates. A panic is no failure that a fallback answers.
#[tokio::test(start_paused = true)]
async fn timeouts_and_fallbacks_let_panics_through() {
    assert_eq!(panics(timed_panics(10)).await, "the body");
    assert_eq!(timed_panics(1_000_000).await, TIMED_OUT);
    assert_eq!(panics(guarded_panics()).await, "the body");
    assert_eq!(panics(fallback_panics()).await, "the fallback");
}

// After a panic, `attempt()` outside tells of no call.
#[tokio::test(start_paused = true)]
async fn a_panic_leaves_no_attempt_behind() {
    let body = Body::new("F");
    assert_eq!(panics(third_run_panics(&body)).await, "the third run");
    assert_eq!((failsafe::attempt().number(), failsafe::attempt().retries()), (1, 0));
}

#[circuit_breaker(name = "panics: listener", successes = 2, on_success = |_| panic!("the listener"))]
async fn listener_panics() -> Result<u32, failsafe::Rejected> {
    Ok(1)
}

// A panic in a listener ends there, and the outcome is counted all the same.
#[tokio::test(start_paused = true)]
async fn a_panicking_listener_does_not_touch_the_bookkeeping() {
    alone(async {
        let breaker = registry().circuit_breaker("panics: listener").unwrap();
        breaker.half_open();
        assert_eq!(listener_panics().await.unwrap(), 1);
        assert_eq!((breaker.state(), breaker.metrics().successes()), (State::HalfOpen, 1));
        assert_eq!(listener_panics().await.unwrap(), 1);
        assert_eq!(breaker.state(), State::Closed);
    })
    .await;
}
