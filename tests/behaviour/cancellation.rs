//! Who cancels what, and how often the body has run by then: "attempts / executions" of failsafe-go.
//!
//! In failsafe-go a caller cancels through a context or the handle of a call; here by dropping the future, or through
//! the handle, which is the same for what is inside.

use std::sync::Arc;

use failsafe::executor::Handle;
use failsafe::{
    AdaptiveLimiter, Bulkhead, Fallback, Hedge, RateLimiter, Retry, Timeout, adaptive_limiter,
    bulkhead, hedge, rate_limiter, registry, retry, timeout, with,
};

use crate::support::*;

const CANCELLED: Res = Err(Error::Rejected(failsafe::Kind::Cancelled));

/// Spawns a call, cancels it after so many milliseconds; its outcome, and the runs that began and ended.
async fn cancel_after<P>(millis: u64, policies: P, body: &Arc<Body>) -> (Res, u32, u32)
where
    P: failsafe::executor::Policy<Res> + Send + Sync + 'static,
{
    let running = Arc::clone(body);
    let handle: Handle<Res> = with(policies).spawn(move || {
        let running = Arc::clone(&running);
        async move { running.run().await }
    });
    pass(millis).await;
    handle.cancel();
    let outcome = handle.await;
    pass(100_000).await;
    (outcome, body.runs(), body.ended())
}

fn slow(script: &str) -> Arc<Body> {
    Arc::new(Body::taking(script, ms(1_000)))
}

// GO Cancellation: retry with handle cancel during fn 1/1, and during a 1 s delay 1/1. AS-08: a cancelled call is not
// retried. AS-04: the body is stopped.
#[tokio::test(start_paused = true)]
async fn a_cancelled_retry_makes_no_further_attempt() {
    let retry = || Retry::builder().max(5).build();
    assert_eq!(cancel_after(500, retry(), &slow("F")).await, (CANCELLED, 1, 0));
    let delayed = Retry::builder().max(5).delay("1s").build();
    let quick = Arc::new(Body::new("F"));
    assert_eq!(cancel_after(500, delayed, &quick).await, (CANCELLED, 1, 1));
    // GO 1.7 says: without a policy that looks, the body's own result. Here the body is dropped.
    assert_eq!(cancel_after(500, (), &slow("S")).await, (CANCELLED, 1, 0));
}

// GO Cancellation: fallback during fn 1/1: it is not asked; during its own function: it is dropped.
#[tokio::test(start_paused = true)]
async fn a_cancelled_fallback_does_not_answer() {
    let asked = Arc::new(Notes::new());
    let fallback = |answered: &Arc<Notes>| {
        let answered = Arc::clone(answered);
        Fallback::with_async(move |_: failsafe::Failure<Res>| {
            let answered = Arc::clone(&answered);
            async move {
                answered.add("asked");
                pass(1_000).await;
                answered.add("answered");
                Ok(0)
            }
        })
        .build()
    };
    assert_eq!(cancel_after(500, fallback(&asked), &slow("F")).await, (CANCELLED, 1, 0));
    assert!(asked.take().is_empty());
    assert_eq!(cancel_after(1_500, fallback(&asked), &slow("F")).await, (CANCELLED, 1, 1));
    assert_eq!(asked.take(), ["asked"]);
}

#[timeout("500ms")]
#[retry(max = 5)]
async fn in_time(body: &Body) -> Res {
    body.run().await
}

#[timeout("500ms")]
#[retry(max = 5, delay_with = |_| ms(1_000))]
async fn delays_in_time(body: &Body) -> Res {
    body.run().await
}

// GO Cancellation: retry with a deadline during fn 1/1 and during a 1 s delay 1/1; timeout during fn 1/1.
#[tokio::test(start_paused = true)]
async fn a_timeout_cancels_attempts_and_delays() {
    let body = slow("F");
    assert_eq!((in_time(&body).await, body.runs(), body.ended()), (TIMED_OUT, 1, 0));
    let body = Body::new("F");
    assert_eq!((delays_in_time(&body).await, body.runs(), body.ended()), (TIMED_OUT, 1, 1));
    let built = with((Timeout::builder("500ms").build(), Retry::builder().delay("1s").build()));
    let body = Body::new("F");
    assert_eq!((built.run(|| body.run()).await, body.runs()), (TIMED_OUT, 1));
}

// GO quirk 5: a call that has succeeded when it is cancelled stays a success; a second cancel changes nothing.
#[tokio::test(start_paused = true)]
async fn a_success_is_not_taken_back() {
    let handle = with(Retry::builder().build()).spawn(|| async { Res::Ok(1) });
    pass(10).await;
    handle.cancel();
    handle.cancel();
    assert_eq!(handle.await, Ok(1));
}

// AS-01, AS-04: a call is not done before its body, and is done after it is cancelled.
#[tokio::test(start_paused = true)]
async fn a_cancelled_handle_is_done() {
    let body = slow("S");
    let running = Arc::clone(&body);
    let handle = with(()).spawn(move || {
        let running = Arc::clone(&running);
        async move { running.run().await }
    });
    pass(10).await;
    assert!(!handle.is_done());
    handle.cancel();
    pass(1).await;
    assert!(handle.is_done());
}

#[retry(max = 9)]
async fn children(started: &Arc<()>) -> Res {
    let held = Arc::clone(started);
    pass(10).await;
    drop(held);
    Err(Error::Down)
}

// GO Cancellation: child contexts are cancelled after success (issue 134): nothing of a call outlives it.
#[tokio::test(start_paused = true)]
async fn nothing_of_a_call_outlives_it() {
    let started = Arc::new(());
    assert_eq!(children(&started).await, DOWN);
    assert_eq!(Arc::strong_count(&started), 1);
    assert!(tokio::time::timeout(ms(15), children(&started)).await.is_err());
    assert_eq!(Arc::strong_count(&started), 1);
}

#[timeout("50ms")]
#[rate_limiter(name = "cancellation: limiter", smooth = "1/s", wait = "10s")]
async fn limited(body: &Body) -> Res {
    body.run().await
}

#[timeout("50ms")]
#[bulkhead(1, name = "cancellation: bulkhead", wait = "10s")]
async fn bounded(body: &Body) -> Res {
    body.run().await
}

// GO Cancellation: rate limiter during wait 1/0, by a timeout and by the handle; the permit is given back.
#[tokio::test(start_paused = true)]
async fn a_cancelled_wait_for_a_permit_costs_nothing() {
    alone(async {
        let body = Body::new("S");
        assert_eq!(limited(&body).await, Ok(1));
        let mut heard = Heard::new();
        assert_eq!((limited(&body).await, body.runs()), (TIMED_OUT, 1));
        assert_eq!(heard.done(), [(1, 0, false)]);
        let limiter = registry().rate_limiter("cancellation: limiter").unwrap();
        assert_eq!(limiter.available(), 0, "nothing is owed");
    })
    .await;
    let limiter = RateLimiter::smooth("1/s").wait("10s").build();
    assert!(limiter.try_acquire(1));
    let body = Arc::new(Body::new("S"));
    let waiting = cancel_after(500, limiter.clone(), &body).await;
    assert_eq!((waiting, limiter.available()), ((CANCELLED, 0, 0), 1));
}

#[timeout("50ms")]
#[adaptive_limiter(name = "cancellation: limited", limits = "1..1", queue = "1..1")]
async fn adapting(body: &Body) -> Res {
    body.run().await
}

// GO Cancellation: adaptive limiter queued 1/0, by a timeout and by the handle; the queue is left.
#[tokio::test(start_paused = true)]
async fn a_cancelled_wait_for_the_limit_leaves_the_queue() {
    alone(async {
        let limiter = registry().adaptive_limiter("cancellation: limited").unwrap();
        let held = limiter.try_acquire().unwrap();
        let (body, mut heard) = (Body::new("S"), Heard::new());
        assert_eq!((adapting(&body).await, body.runs()), (TIMED_OUT, 0));
        assert_eq!(heard.done(), [(1, 0, false)]);
        assert_eq!((limiter.metrics().in_flight(), limiter.metrics().queued()), (1, 0));
        drop(held);
        assert_eq!((adapting(&body).await, limiter.metrics().in_flight()), (Ok(1), 0));
    })
    .await;
    let limiter = AdaptiveLimiter::builder().limits("1..1").queue("1..1").build();
    let held = limiter.try_acquire().unwrap();
    let body = Arc::new(Body::new("S"));
    let waiting = cancel_after(500, limiter.clone(), &body).await;
    assert_eq!((waiting, limiter.metrics().queued()), ((CANCELLED, 0, 0), 0));
    drop(held);
    assert_eq!(limiter.metrics().in_flight(), 0);
}

#[timeout("50ms")]
#[hedge("10ms", max = 2)]
async fn hedged(body: &Body) -> Res {
    body.run().await
}

#[timeout("50ms")]
#[hedge(delay_with = |_| ms(1_000), max = 2)]
async fn hedged_late(body: &Body) -> Res {
    body.run().await
}

// GO Cancellation: hedge before hedges 1/1, during hedges 3 attempts, by a timeout and by the handle; all three are
// stopped.
#[tokio::test(start_paused = true)]
async fn a_cancelled_hedge_stops_every_attempt() {
    let body = slow("S");
    assert_eq!((hedged_late(&body).await, body.runs(), body.ended()), (TIMED_OUT, 1, 0));
    let body = slow("S");
    assert_eq!((hedged(&body).await, body.runs(), body.ended()), (TIMED_OUT, 3, 0));
    pass(2_000).await;
    assert_eq!((body.runs(), body.ended()), (3, 0));
    let late = Hedge::builder("1s").max(2).build();
    assert_eq!(cancel_after(500, late, &slow("S")).await, (CANCELLED, 1, 0));
    let soon = Hedge::builder("10ms").max(2).build();
    assert_eq!(cancel_after(500, soon, &slow("S")).await, (CANCELLED, 3, 0));
}

// GO Cancellation: bulkhead during wait 1/0, by a timeout and by the handle; the queue is left.
#[tokio::test(start_paused = true)]
async fn a_cancelled_wait_for_a_place_leaves_the_queue() {
    alone(async {
        let bulkhead = registry().bulkhead("cancellation: bulkhead").unwrap();
        let held = bulkhead.try_acquire().unwrap();
        let (body, mut heard) = (Body::new("S"), Heard::new());
        assert_eq!((bounded(&body).await, body.runs()), (TIMED_OUT, 0));
        assert_eq!(heard.done(), [(1, 0, false)]);
        assert_eq!((bulkhead.in_flight(), bulkhead.waiting()), (1, 0));
        drop(held);
        assert_eq!((bounded(&body).await, bulkhead.in_flight()), (Ok(1), 0));
    })
    .await;
    let bulkhead = Bulkhead::builder(1).wait("10m").build();
    let held = bulkhead.try_acquire().unwrap();
    let body = Arc::new(Body::new("S"));
    let waiting = cancel_after(500, bulkhead.clone(), &body).await;
    assert_eq!((waiting, bulkhead.waiting()), ((CANCELLED, 0, 0), 0));
    drop(held);
    assert_eq!(bulkhead.in_flight(), 0);
}
