//! Timeouts around and inside other policies: which of them ends what, and how often it is told.

use failsafe::{Kind, fallback, retry, timeout};
use tokio::time::Instant;

use crate::support::*;

/// What a call gave, attempts and executions, and the timeouts that were told, by their limit in milliseconds.
async fn told(call: impl Future<Output = Res>) -> (Res, (u32, u32), Vec<u128>) {
    alone(async {
        let mut events = failsafe::events::subscribe();
        let outcome = call.await;
        let (mut limits, mut counters) = (Vec::new(), (0, 0));
        for event in events.drain() {
            match event.what {
                failsafe::events::What::Timeout(limit) => limits.push(limit.as_millis()),
                failsafe::events::What::Done { .. } => {
                    counters = (event.counters.attempts, event.counters.executions);
                }
                _ => {}
            }
        }
        (outcome, counters, limits)
    })
    .await
}

#[retry]
#[timeout("50ms")]
async fn inside_retry(body: &Body) -> Res {
    if body.runs() == 2 { Body::new("S").run().await } else { body.run().await }
}

// GO Timeout: Retry(Timeout 50) with two 100 ms attempts: 3/3, 2 expiries.
#[tokio::test(start_paused = true)]
async fn an_expired_attempt_is_retried() {
    let body = Body::taking("S", ms(100));
    assert_eq!(told(inside_retry(&body)).await, (Ok(1), (3, 3), vec![50, 50]));
    assert_eq!((body.runs(), body.ended()), (2, 0));
}

#[retry(delay = "100ms")]
#[timeout("50ms")]
async fn instant_errors(body: &Body) -> Res {
    body.run().await
}

// GO Timeout: pending retry delay of 100 ms after instant errors: 3/3, 0 expiries.
#[tokio::test(start_paused = true)]
async fn delays_are_outside_an_inner_timeout() {
    let body = Body::new("F");
    assert_eq!(told(instant_errors(&body)).await, (DOWN, (3, 3), vec![]));
}

#[timeout("150ms")]
#[retry(max = 5)]
async fn around_attempts(body: &Body) -> Res {
    body.run().await
}

// GO Timeout: Timeout 150(Retry) with 60 ms attempts: 3/3, timeout, 1 expiry.
#[tokio::test(start_paused = true)]
async fn an_outer_timeout_bounds_all_attempts() {
    let body = Body::taking("F", ms(60));
    let begun = Instant::now();
    assert_eq!(told(around_attempts(&body)).await, (TIMED_OUT, (3, 3), vec![150]));
    assert_eq!((body.ended(), begun.elapsed()), (2, ms(150)));
}

#[timeout("100ms")]
#[retry(max = 3, delay_with = |_| ms(1_000))]
async fn around_delays(body: &Body) -> Res {
    body.run().await
}

// GO Timeout: Timeout 100(Retry delay 1 s): 1/1.
#[tokio::test(start_paused = true)]
async fn an_outer_timeout_ends_a_delay() {
    let body = Body::new("F");
    assert_eq!(told(around_delays(&body)).await, (TIMED_OUT, (1, 1), vec![100]));
    pass(5_000).await;
    assert_eq!(body.runs(), 1);
}

#[fallback(value = Ok(0))]
#[timeout("10ms")]
async fn inside_fallback(body: &Body) -> Res {
    body.run().await
}

// GO Timeout: Fallback(Timeout 10): 1/1, one timeout and one fallback event; without expiry none and one.
#[tokio::test(start_paused = true)]
async fn a_fallback_answers_a_timeout() {
    let body = Body::taking("S", ms(100));
    assert_eq!(told(inside_fallback(&body)).await, (Ok(0), (1, 1), vec![10]));
    alone(async {
        let mut heard = Heard::new();
        let wanted = ["timeout timeout", "fallback fallback"];
        assert_eq!(inside_fallback(&body).await, Ok(0));
        assert_eq!(heard.counts(wanted), [1, 1]);
        assert_eq!(inside_fallback(&Body::new("F")).await, Ok(0));
        assert_eq!(heard.counts(wanted), [0, 1]);
    })
    .await;
}

#[timeout("50ms")]
#[fallback(with = async |_| { notes.add("asked"); pass(100).await; Ok(0) })]
async fn around_fallback(body: &Body, notes: &Notes) -> Res {
    body.run().await
}

// GO Timeout: Timeout(Fallback): the fallback is not asked when the body is too slow, and not told when it is too slow
// itself.
#[tokio::test(start_paused = true)]
async fn an_outer_timeout_skips_or_ends_the_fallback() {
    alone(async {
        let (mut heard, notes) = (Heard::new(), Notes::new());
        assert_eq!(around_fallback(&Body::taking("F", ms(100)), &notes).await, TIMED_OUT);
        assert_eq!((notes.take().len(), heard.counts(["fallback fallback"])), (0, [0]));
        assert_eq!(around_fallback(&Body::new("F"), &notes).await, TIMED_OUT);
        assert_eq!((notes.take().len(), heard.counts(["fallback fallback"])), (1, [0]));
    })
    .await;
}

#[timeout("500ms")]
#[timeout("100ms")]
async fn short_inside_long(body: &Body) -> Res {
    body.run().await
}

#[timeout("500ms")]
#[retry(max = 10)]
#[timeout("100ms")]
async fn retried_between(body: &Body) -> Res {
    body.run().await
}

// Two literals would be refused: the inner one never ends a call.
const LONGER: std::time::Duration = ms(1_000);

#[fallback(value = Ok(0))]
#[retry]
#[timeout("50ms")]
#[timeout(LONGER)]
async fn long_inside_short(body: &Body) -> Res {
    body.run().await
}

#[retry(max = 3)]
#[timeout("200ms")]
#[timeout(LONGER)]
async fn much_longer_inside(body: &Body) -> Res {
    body.run().await
}

// GO Timeout: Timeout 500(Timeout 100): the inner fires once. Timeout 500(Retry 10(Timeout 100)): at least 3 inner
// expiries. Fallback(Retry(Timeout 50(Timeout 100))): 3/3, inner 0, outer 3. Retry(Timeout 200(Timeout 1 s)): inner 0.
#[tokio::test(start_paused = true)]
async fn of_two_timeouts_the_first_to_end_is_told() {
    let body = Body::taking("S", ms(1_000));
    assert_eq!(told(short_inside_long(&body)).await, (TIMED_OUT, (1, 1), vec![100]));
    let (outcome, (attempts, _), limits) = told(retried_between(&body)).await;
    // At 500 ms the inner timer of the fifth attempt and the outer one are due at once: the inner is asked first, and the
    // sixth attempt has begun when the outer one ends it.
    assert_eq!((outcome, attempts), (TIMED_OUT, 6));
    assert_eq!(limits, [100, 100, 100, 100, 100, 500]);
    assert_eq!(told(long_inside_short(&body)).await, (Ok(0), (3, 3), vec![50, 50, 50]));
    assert_eq!(told(much_longer_inside(&body)).await, (TIMED_OUT, (4, 4), vec![200; 4]));
}

#[fallback(with = |failure| Err(Error::Rejected(failure.rejected().unwrap().kind())))]
#[timeout("50ms")]
async fn tells(body: &Body) -> Res {
    body.run().await
}

// The rejection travels as such to the policies outside, which tell it from errors of the body.
#[tokio::test(start_paused = true)]
async fn a_timeout_reaches_outer_policies_as_a_rejection() {
    let body = Body::taking("S", ms(100));
    assert_eq!(tells(&body).await, Err(Error::Rejected(Kind::Timeout)));
}
