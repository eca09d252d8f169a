//! The longest durations, a clock that stands still, the largest numbers.

use std::time::Duration;

use failsafe::circuit_breaker::State;
use failsafe::testing::VirtualTime;
use failsafe::{CircuitBreaker, Retry, Timeout, circuit_breaker, registry, retry, timeout, with};

use crate::support::*;

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

#[timeout(Duration::MAX)]
async fn timeout_max(body: &Body) -> Res {
    body.run().await
}

#[timeout("10ms")]
#[timeout(Duration::MAX)]
async fn timeout_max_inside(body: &Body) -> Res {
    body.run().await
}

// A timeout without end never ends a call.
#[tokio::test(start_paused = true)]
async fn a_timeout_of_the_longest_duration() {
    assert_eq!(timeout_max(&Body::new("S")).await, Ok(1));
    assert_eq!(timeout_max(&Body::taking("S", YEAR)).await, Ok(1));
    assert_eq!(timeout_max_inside(&Body::taking("S", YEAR)).await, TIMED_OUT);
    let built = with(Timeout::builder(Duration::MAX).build());
    let body = Body::taking("F", YEAR);
    assert_eq!(built.run(|| body.run()).await, DOWN);
}

guarded!(
    #[retry(max = 1, delay = Duration::MAX)]
    fixed
);
guarded!(
    #[retry(max = 1, delay_with = |_| Duration::MAX)]
    computed
);
guarded!(
    #[retry(max = 3, delay_with = |_| Some(Duration::MAX), max_duration = "1s")]
    computed_and_bounded
);
guarded!(
    #[retry(max = 3, delay = "1s", jitter = 1.0, max_duration = Duration::MAX)]
    bounded_by_max
);

// A delay without end: the call can be dropped in it, and a limit cuts it.
#[tokio::test(start_paused = true)]
async fn a_delay_of_the_longest_duration() {
    for body in [Body::new("F"), Body::new("F")] {
        assert!(tokio::time::timeout(YEAR, fixed::run(&body)).await.is_err());
        assert_eq!(body.runs(), 1);
        assert!(tokio::time::timeout(YEAR, computed::run(&body)).await.is_err());
        assert_eq!(body.runs(), 2);
    }
    let body = Body::new("F");
    assert_eq!((computed_and_bounded::run(&body).await, body.gaps()), (DOWN, vec![1_000]));
    let time = VirtualTime::new();
    assert_eq!(time.blocking(|| fixed::block(&Body::new("F"))), DOWN);
    assert_eq!(time.blocking(|| computed::block(&Body::new("F"))), DOWN);
    assert_eq!(time.blocking(|| computed_and_bounded::block(&Body::new("F"))), DOWN);
    assert_eq!(bounded_by_max::run(&Body::new("FS")).await, Ok(2));
    assert_eq!(VirtualTime::new().blocking(|| bounded_by_max::block(&Body::new("F"))), DOWN);
}

// Backoffs, jitters and ranges up to the longest duration neither overflow nor panic.
#[test]
fn the_longest_delays_do_not_overflow() {
    let longest = [
        Retry::builder().max(3).backoff(Duration::from_secs(1)..Duration::MAX).factor(1e300),
        Retry::builder().max(3).backoff(Duration::MAX..Duration::MAX),
        Retry::builder().max(3).random_delay(Duration::from_nanos(1)..Duration::MAX),
        Retry::builder().max(3).random_delay(Duration::MAX..Duration::MAX).jitter_factor(1.0),
        Retry::builder().max(3).delay(Duration::MAX).jitter(Duration::MAX),
        Retry::builder().max(3).delay("1ns").jitter(Duration::MAX),
        Retry::builder().max(3).delay(Duration::MAX).max_duration(Duration::MAX),
        Retry::builder().attempts(4).delay(Duration::MAX).max_duration("1ns"),
    ];
    for builder in longest {
        let retry = with(builder.build());
        for draw in [0.0, 0.5, 1.0] {
            let body = Body::new("F");
            let call = || VirtualTime::new().blocking(|| retry.run_blocking(|| body.block()));
            let draws = std::iter::repeat_n(draw, 20);
            assert_eq!(failsafe::testing::with_chance(draws, call).0, DOWN);
            assert!((1..=4).contains(&body.runs()));
        }
    }
}

#[circuit_breaker(name = "edges: delay", delay = Duration::MAX)]
async fn breaker_delay_max(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(name = "edges: computed", delay_with = |_| Duration::MAX)]
async fn breaker_computed_max(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(name = "edges: slow", slow = Duration::MAX)]
async fn breaker_slow_max(body: &Body) -> Res {
    body.run().await
}

// A breaker that opens for ever stays open until somebody closes it.
#[tokio::test(start_paused = true)]
async fn a_breaker_of_the_longest_delay() {
    alone(async {
        assert_eq!(breaker_delay_max(&Body::new("F")).await, DOWN);
        assert_eq!(breaker_computed_max(&Body::new("F")).await, DOWN);
        tokio::time::sleep(YEAR).await;
        for name in ["edges: delay", "edges: computed"] {
            let breaker = registry().circuit_breaker(name).unwrap();
            assert!(breaker.try_acquire().is_none() && breaker.remaining_delay() > YEAR);
            assert!(breaker.acquire().unwrap_err().retry_after() > Some(YEAR));
            breaker.close();
        }
        assert_eq!(breaker_delay_max(&Body::new("S")).await, Ok(1));
        assert_eq!(breaker_computed_max(&Body::new("S")).await, Ok(1));
        assert_eq!(breaker_slow_max(&Body::taking("S", YEAR)).await, Ok(1));
        assert!(registry().circuit_breaker("edges: slow").unwrap().is_closed());
        let _ = registry().snapshot();
    })
    .await;
}

#[circuit_breaker(name = "edges: very slow", slow = "2s", failures = 1)]
async fn very_slow(body: &Body) -> Res {
    body.run().await
}

// A call that took a week, a month, a year is slow too.
#[tokio::test(start_paused = true)]
async fn the_slowest_calls_are_slow() {
    for days in [1, 6, 7, 30, 365] {
        alone(async {
            let body = Body::taking("S", Duration::from_secs(days * 24 * 3600));
            assert_eq!(very_slow(&body).await, Ok(1));
            assert!(
                registry().circuit_breaker("edges: very slow").unwrap().is_open(),
                "{days} days"
            );
        })
        .await;
    }
}

// GO Breaker by time, with periods that are as long as a duration can be.
#[tokio::test(start_paused = true)]
async fn periods_of_the_longest_duration() {
    for text in ["2 in 500000d", "100% of 2 in 500000d"] {
        let breaker = CircuitBreaker::builder().failures(text).build();
        breaker.record_failure();
        tokio::time::sleep(YEAR).await;
        assert_eq!(breaker.state(), State::Closed);
        breaker.record_failure();
        assert_eq!(breaker.state(), State::Open, "{text}");
    }
}

#[retry(max = unlimited, delay = "300ms", max_duration = "1s")]
#[circuit_breaker(name = "edges: still", failures = "3 in 1s", delay = "0s", slow = "1ns")]
async fn by_the_clock(body: &Body) -> Res {
    body.run().await
}

// With a clock that stands still everything ends that is bounded by time: the paused clock moves by waits only.
#[tokio::test(start_paused = true)]
async fn a_clock_that_stands_still() {
    alone(async {
        let body = Body::new("F");
        assert_eq!((by_the_clock(&body).await, body.gaps()), (DOWN, vec![300, 300, 300, 100]));
        let breaker = registry().circuit_breaker("edges: still").unwrap();
        breaker.reset();
        for _ in 0..2 {
            assert_eq!(by_the_clock(&Body::new("S")).await, Ok(1));
        }
        assert_eq!((breaker.metrics().successes(), breaker.metrics().failures()), (2, 0));
        // Within one instant: open, half-open, open.
        for state in [State::Open, State::Open, State::Open] {
            (0..3).for_each(|_| {
                if let Some(permit) = breaker.try_acquire() {
                    permit.failure();
                }
            });
            assert_eq!(breaker.state(), state);
        }
        assert_eq!(breaker.remaining_delay(), Duration::ZERO);
    })
    .await;
}

// A clock that was set back: the virtual one begins anew, while the breaker lives on.
#[test]
fn a_clock_that_goes_back() {
    let breaker = CircuitBreaker::builder().delay("1s").failures("1 in 1s").build();
    let later = VirtualTime::new();
    later.advance(YEAR);
    later.blocking(|| breaker.open());
    VirtualTime::new().blocking(|| {
        assert!(breaker.try_acquire().is_none());
        assert_eq!(breaker.remaining_delay(), Duration::from_secs(1));
    });
    later.advance(Duration::from_secs(1));
    later.blocking(|| {
        breaker.try_acquire().unwrap().success();
        assert!(breaker.is_closed());
    });
}

// The most retries and calls there can be are no overflow.
#[tokio::test(start_paused = true)]
async fn the_largest_counts() {
    let most = with(Retry::builder().max(u32::MAX).build());
    let body = Body::new("FFS");
    assert_eq!(most.run(|| body.run()).await, Ok(3));
    let breaker = CircuitBreaker::builder().failures("1000000/1000000").build();
    (0..10).for_each(|_| breaker.record_failure());
    assert_eq!((breaker.state(), breaker.metrics().failures()), (State::Closed, 10));
    let by_time = CircuitBreaker::builder()
        .failures(failsafe::config::Failures::Period { failures: u32::MAX, period: YEAR })
        .build();
    by_time.half_open();
    assert!(by_time.try_acquire().is_some());
    by_time.record_success();
    assert_eq!(by_time.state(), State::Closed);
}
