//! A breaker among other policies, its delays, and what it tells.

use std::time::Duration;

use failsafe::circuit_breaker::State;
use failsafe::{Kind, Rejected, circuit_breaker, registry, retry, timeout};

use crate::support::*;

#[circuit_breaker(name = "calls: refuses")]
async fn refuses(body: &Body) -> Result<u32, Rejected> {
    Ok(body.run().await.unwrap_or_default())
}

// GO Pipeline: open: 1/0. GO Open: RemainingDelay in (0, 1 s], less after 110 ms, 0 when elapsed, 0 in closed and
// half-open; it stays open until it is asked.
#[tokio::test(start_paused = true)]
async fn an_open_breaker_refuses_and_says_when_to_come_back() {
    alone(async {
        let breaker = registry().circuit_breaker("calls: refuses").unwrap();
        assert_eq!(breaker.remaining_delay(), Duration::ZERO);
        breaker.open();
        let mut heard = Heard::new();
        let body = Body::new("S");
        let rejected = refuses(&body).await.unwrap_err();
        assert_eq!(body.runs(), 0);
        assert_eq!((rejected.kind(), rejected.policy()), (Kind::CircuitOpen, "calls: refuses"));
        assert_eq!(rejected.retry_after(), Some(Duration::from_secs(60)));
        assert_eq!(rejected.to_string(), "circuit breaker open: calls: refuses");
        assert_eq!(heard.done(), [(1, 0, false)]);
        pass(110).await;
        assert_eq!(breaker.remaining_delay(), Duration::from_millis(59_890));
        pass(59_890).await;
        assert_eq!((breaker.remaining_delay(), breaker.state()), (Duration::ZERO, State::Open));
        assert!(refuses(&body).await.is_ok());
        assert_eq!((breaker.remaining_delay(), breaker.state()), (Duration::ZERO, State::Closed));
        breaker.half_open();
        assert_eq!((breaker.remaining_delay(), breaker.state()), (Duration::ZERO, State::HalfOpen));
    })
    .await;
}

#[circuit_breaker(name = "calls: computed", failures = 2, delay_with = |outcome| {
    asked.add("asked");
    outcome.is_err().then_some(ms(100))
})]
async fn computed(body: &Body, asked: &Notes) -> Res {
    body.run().await
}

// GO Open: DelayFunc 100 ms rejects, after 110 ms permits and is half-open. GO Pipeline: it is called once, when it is
// opened, and not for failures that do not open it; one who opens it by hand gets the configured delay.
#[tokio::test(start_paused = true)]
async fn delay_with_is_asked_when_an_outcome_opens_it() {
    alone(async {
        let breaker = registry().circuit_breaker("calls: computed").unwrap();
        let (body, asked) = (Body::new("F"), Notes::new());
        assert_eq!(computed(&body, &asked).await, DOWN);
        assert!(asked.take().is_empty(), "it has not opened");
        assert_eq!(computed(&body, &asked).await, DOWN);
        assert_eq!(asked.take(), ["asked"]);
        assert_eq!(breaker.remaining_delay(), ms(100));
        assert_eq!(computed(&body, &asked).await, OPEN);
        pass(110).await;
        assert!(breaker.try_acquire().is_some());
        assert_eq!(breaker.state(), State::HalfOpen);
        breaker.open();
        assert_eq!(breaker.remaining_delay(), Duration::from_secs(60));
        assert!(asked.take().is_empty());
    })
    .await;
}

#[circuit_breaker(name = "calls: at once", delay = "0s")]
async fn at_once(body: &Body) -> Res {
    body.run().await
}

// GO Pipeline: delay 0: half-open at the very next call.
#[tokio::test(start_paused = true)]
async fn without_a_delay_it_never_refuses() {
    alone(async {
        let mut heard = Heard::new();
        let body = Body::new("FFS");
        assert_eq!(at_once(&body).await, DOWN);
        assert_eq!(at_once(&body).await, DOWN);
        assert_eq!(at_once(&body).await, Ok(3));
        assert_eq!(heard.counts(["circuit_breaker state_changed"]), [5]);
    })
    .await;
}

#[circuit_breaker(name = "calls: values", failures = 2, handle(Ok(2..=3)))]
async fn values(body: &Body) -> Res {
    body.run().await
}

// GO Pipeline: HandleResult(false) threshold 2: a value can be a failure; then an error is none.
#[tokio::test(start_paused = true)]
async fn a_value_can_open_it() {
    alone(async {
        let body = Body::new("S");
        assert_eq!(values(&Body::new("F")).await, DOWN);
        for expected in [Ok(1), Ok(2), Ok(3), OPEN] {
            assert_eq!(values(&body).await, expected);
        }
    })
    .await;
}

#[retry(max = 7)]
#[circuit_breaker(name = "cb-12", failures = "75% of 4", delay = "50s")]
async fn retry_outside(body: &Body) -> Res {
    body.run().await
}

#[retry(max = 2)]
#[circuit_breaker(name = "cb-13", failures = "75% of 4", delay = "50s")]
async fn few_retries_outside(body: &Body) -> Res {
    body.run().await
}

#[retry(max = 7)]
#[circuit_breaker(name = "cb-12 blocking", failures = "75% of 4", delay = "50s")]
fn blocking(body: &Body) -> Res {
    body.block()
}

// CB-12 (and its async twin CB-18): the retry sees the breaker open. CB-13: it is still closed. GO Pipeline: each
// refused attempt is an attempt of the retry: 8 attempts, 4 executions.
#[tokio::test(start_paused = true)]
async fn a_retry_outside_uses_up_its_attempts_on_an_open_breaker() {
    alone(async {
        let mut heard = Heard::new();
        let body = Body::new("F");
        assert_eq!((retry_outside(&body).await, body.runs()), (OPEN, 4));
        assert_eq!(heard.done(), [(8, 4, false)]);
        let body = Body::new("F");
        assert_eq!((blocking(&body), body.runs()), (OPEN, 4));
        assert_eq!(heard.done(), [(8, 4, false)]);
        let body = Body::new("F");
        assert_eq!((few_retries_outside(&body).await, body.runs()), (DOWN, 3));
    })
    .await;
}

#[retry(attempts = 7)]
#[circuit_breaker(name = "go: retry 7", failures = 3)]
async fn seven_of_three(body: &Body) -> Res {
    body.run().await
}

// GO Pipeline: retry 7 + breaker 3: 7/3, retry events 7 executions/6 retries, breaker 3/3.
#[tokio::test(start_paused = true)]
async fn retry_and_breaker_tell_what_they_see() {
    alone(async {
        let mut heard = Heard::new();
        assert_eq!(seven_of_three(&Body::new("F")).await, OPEN);
        let counts = heard.counts([
            "retry failure",
            "retry retry",
            "circuit_breaker failure",
            "circuit_breaker rejected",
        ]);
        assert_eq!(counts, [7, 6, 3, 4]);
        let breaker = registry().circuit_breaker("go: retry 7").unwrap();
        assert_eq!((breaker.metrics().failures(), breaker.metrics().executions()), (3, 3));
    })
    .await;
}

#[retry(max = 7)]
#[circuit_breaker(name = "cb-15", failures = "75% of 4", delay = "50s")]
#[timeout("100ms")]
async fn slow_body(body: &Body) -> Res {
    body.run().await
}

// CB-15: timeouts count as failures.
#[tokio::test(start_paused = true)]
async fn timeouts_inside_open_it() {
    alone(async {
        let body = Body::taking("S", ms(5_000));
        assert_eq!((slow_body(&body).await, body.runs(), body.ended()), (OPEN, 4, 0));
        assert_eq!(body.gaps(), [100, 100, 100]);
    })
    .await;
}

#[retry(max = 20, delay = "100ms", handle_rejected(Kind::CircuitOpen))]
#[circuit_breaker(name = "cb-16", failures = "75% of 4", delay = "1s")]
async fn waits_for_it(body: &Body) -> Res {
    body.run().await
}

#[retry(max = 20, delay = "100ms", handle_rejected(Kind::Timeout))]
#[circuit_breaker(name = "cb-17 handle", failures = "75% of 4", delay = "1s")]
async fn handles_other(body: &Body) -> Res {
    body.run().await
}

#[retry(max = 20, delay = "100ms", abort_rejected(Kind::CircuitOpen))]
#[circuit_breaker(name = "cb-17 abort", failures = "75% of 4", delay = "1s")]
async fn aborts_on_it(body: &Body) -> Res {
    body.run().await
}

fn open(name: &str) {
    let breaker = registry().circuit_breaker(name).unwrap();
    (0..4).for_each(|_| breaker.record_failure());
    assert!(breaker.is_open(), "{name}");
}

// CB-16: a retry that handles it keeps on until the breaker lets it through, after exactly its delay. CB-17: one that
// does not, or aborts on it, returns at once.
#[tokio::test(start_paused = true)]
async fn a_retry_waits_for_an_open_breaker_only_if_it_says_so() {
    alone(async {
        ["cb-16", "cb-17 handle", "cb-17 abort"].into_iter().for_each(open);
        let begun = tokio::time::Instant::now();
        let body = Body::new("S");
        assert_eq!(handles_other(&body).await, OPEN);
        assert_eq!(aborts_on_it(&body).await, OPEN);
        assert_eq!((begun.elapsed(), body.runs()), (Duration::ZERO, 0));
        assert_eq!((waits_for_it(&body).await, begun.elapsed()), (Ok(1), ms(1_000)));
    })
    .await;
}

#[circuit_breaker(name = "cb-19", failures = "75% of 2")]
#[timeout("100ms")]
async fn two_timeouts(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(name = "cb-20", failures = "75% of 2", handle_rejected(Kind::BulkheadFull))]
#[timeout("100ms")]
async fn timeouts_are_none(body: &Body) -> Res {
    body.run().await
}

// CB-19: two timeouts open it. CB-20: unless only other rejections are failures.
#[tokio::test(start_paused = true)]
async fn handle_rejected_says_which_rejections_count() {
    alone(async {
        let body = Body::taking("S", ms(200));
        for expected in [TIMED_OUT, TIMED_OUT, OPEN] {
            assert_eq!(two_timeouts(&body).await, expected);
        }
        for _ in 0..5 {
            assert_eq!(timeouts_are_none(&body).await, TIMED_OUT);
        }
    })
    .await;
}

#[circuit_breaker(name = "calls: argument", handle(Err(Error::Argument)))]
#[circuit_breaker(name = "calls: state", handle(Err(Error::State)))]
async fn nested(body: &Body) -> Res {
    body.run().await
}

// GO Pipeline: two breakers nested count only their own error.
#[tokio::test(start_paused = true)]
async fn nested_breakers_count_their_own_failures() {
    alone(async {
        let state = |name| registry().circuit_breaker(name).unwrap().state();
        assert_eq!(nested(&Body::new("A")).await, Err(Error::Argument));
        assert_eq!((state("calls: argument"), state("calls: state")), (State::Open, State::Closed));
        registry().reset();
        assert_eq!(nested(&Body::new("T")).await, Err(Error::State));
        assert_eq!((state("calls: argument"), state("calls: state")), (State::Closed, State::Open));
        assert_eq!(nested(&Body::new("S")).await, OPEN);
    })
    .await;
}

#[circuit_breaker(name = "calls: shared", failures = 2)]
async fn text(fails: bool) -> Result<String, Error> {
    if fails { Err(Error::Down) } else { Ok("text".to_owned()) }
}

#[circuit_breaker(name = "calls: shared")]
async fn number(fails: bool) -> Option<u64> {
    (!fails).then_some(7)
}

// GO Pipeline: issue 100: one breaker guards functions of different return types.
#[tokio::test(start_paused = true)]
async fn one_breaker_for_different_return_types() {
    alone(async {
        assert_eq!((text(false).await, number(false).await), (Ok("text".to_owned()), Some(7)));
        assert_eq!((text(true).await, number(true).await), (Err(Error::Down), None));
        assert_eq!(text(false).await, Err(Error::Rejected(Kind::CircuitOpen)));
        assert_eq!(number(false).await, None);
    })
    .await;
}

#[circuit_breaker(name = "calls: slow", slow = "2s", failures = 2)]
async fn slow(body: &Body) -> Res {
    body.run().await
}

#[tokio::test(start_paused = true)]
async fn slow_calls_are_failures() {
    alone(async {
        let (at_limit, above) = (Body::taking("S", ms(2_000)), Body::taking("S", ms(2_001)));
        assert_eq!((slow(&above).await, slow(&at_limit).await), (Ok(1), Ok(1)));
        // The value is returned, and counted as a failure.
        assert_eq!((slow(&above).await, slow(&above).await), (Ok(2), Ok(3)));
        assert_eq!(slow(&above).await, OPEN);
    })
    .await;
}
