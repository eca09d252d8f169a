//! Calls that are dropped while they wait: places are given back, and nothing is counted.

use std::time::Duration;

use failsafe::circuit_breaker::State;
use failsafe::{circuit_breaker, fallback, registry, retry, timeout};

use crate::support::*;

/// A body that waits at three places.
async fn three_waits(notes: &Notes) -> Res {
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
    notes.add("end");
    Err(Error::Down)
}

#[fallback(with = async |_| { notes.add("fallback"); tokio::task::yield_now().await; Ok(0) })]
#[retry(max = 1, delay = "100ms")]
#[circuit_breaker(name = "dropped: all", failures = 3, successes = "2/4", delay = "1s")]
#[timeout("10s")]
async fn everything(notes: &Notes) -> Res {
    three_waits(notes).await
}

/// Polls a call so many times, then drops it; time passes between the polls. Whether it was over before.
async fn drop_after(polls: usize, notes: &Notes) -> bool {
    let mut call = Box::pin(everything(notes));
    for _ in 0..polls {
        if poll_once(&mut call).await.is_some() {
            return true;
        }
        tokio::time::advance(ms(50)).await;
    }
    false
}

// Wherever a call is dropped, half-open or closed, the breaker has all its places, and counts the attempts that ended
// and no other.
#[tokio::test(start_paused = true)]
async fn a_call_can_be_dropped_at_every_await() {
    for state in [State::Closed, State::HalfOpen] {
        let (mut polls, mut ended) = (0, Vec::new());
        let mut over = false;
        while !over {
            over = alone(async {
                let breaker = registry().circuit_breaker("dropped: all").unwrap();
                if state == State::HalfOpen {
                    breaker.half_open();
                }
                let notes = Notes::new();
                let over = drop_after(polls, &notes).await;
                let ends = notes.take().iter().filter(|note| *note == "end").count();
                ended.push(ends);
                let metrics = breaker.metrics();
                assert_eq!(metrics.failures(), ends as u64, "dropped after {polls} polls");
                assert_eq!(metrics.successes(), 0, "dropped after {polls} polls");
                assert_eq!(breaker.state(), state, "dropped after {polls} polls");
                let free = std::iter::from_fn(|| breaker.try_acquire()).take(10);
                let places = if state == State::HalfOpen { 4 } else { 10 };
                assert_eq!(free.collect::<Vec<_>>().len(), places, "dropped after {polls} polls");
                over
            })
            .await;
            polls += 1;
        }
        // It was dropped before, between and after the two attempts.
        assert_eq!((ended.first(), ended.contains(&1), ended.last()), (Some(&0), true, Some(&2)));
        assert!(polls > 10, "{ended:?}");
    }
}

#[circuit_breaker(name = "dropped: probe", delay = "1s")]
async fn probe(body: &Body) -> Res {
    body.run().await
}

#[timeout("100ms")]
#[circuit_breaker(name = "dropped: probe")]
async fn probe_in_time(body: &Body) -> Res {
    body.run().await
}

// A probe that is dropped by its caller, or by a timeout outside the breaker, neither locks nor closes it.
#[tokio::test(start_paused = true)]
async fn a_probe_that_is_dropped_neither_locks_nor_closes() {
    alone(async {
        let breaker = registry().circuit_breaker("dropped: probe").unwrap();
        breaker.open();
        pass(1_000).await;
        let slow = Body::taking("S", ms(5_000));
        for _ in 0..3 {
            let mut call = Box::pin(probe(&slow));
            assert_eq!(poll_once(&mut call).await, None);
            assert_eq!(probe(&Body::new("S")).await, OPEN, "the probe is under way");
            drop(call);
            assert_eq!(breaker.state(), State::HalfOpen);
            assert_eq!(probe_in_time(&slow).await, TIMED_OUT);
            assert_eq!((breaker.state(), breaker.metrics().executions()), (State::HalfOpen, 0));
        }
        assert_eq!((probe(&Body::new("S")).await, breaker.state()), (Ok(1), State::Closed));
    })
    .await;
}

#[circuit_breaker(name = "dropped: inner timeout", delay = "1s")]
#[timeout("100ms")]
async fn timed_probe(body: &Body) -> Res {
    body.run().await
}

// A probe that times out inside the breaker is a failure: it opens again, and after its delay there is another probe.
#[tokio::test(start_paused = true)]
async fn a_probe_that_times_out_opens_it_again() {
    alone(async {
        let breaker = registry().circuit_breaker("dropped: inner timeout").unwrap();
        breaker.open();
        for _ in 0..3 {
            pass(1_000).await;
            assert_eq!(timed_probe(&Body::taking("S", ms(5_000))).await, TIMED_OUT);
            assert_eq!(breaker.state(), State::Open);
            assert_eq!(timed_probe(&Body::new("S")).await, OPEN);
        }
        pass(1_000).await;
        assert_eq!((timed_probe(&Body::new("S")).await, breaker.state()), (Ok(1), State::Closed));
    })
    .await;
}

// GO quirk 7: calls that are cancelled count as neither success nor failure.
#[tokio::test(start_paused = true)]
async fn cancelled_calls_do_not_count() {
    alone(async {
        let breaker = registry().circuit_breaker("dropped: probe").unwrap();
        for _ in 0..20 {
            let call = probe(&Body::taking("F", ms(5_000))).await;
            assert!(call.is_err());
            breaker.reset();
            let slow = Body::taking("F", ms(5_000));
            let lost = tokio::time::timeout(ms(10), probe(&slow)).await;
            assert!(lost.is_err());
            assert_eq!((breaker.state(), breaker.metrics().executions()), (State::Closed, 0));
        }
    })
    .await;
}

// Of calls that race each other, the one that loses is dropped and counts nothing.
#[tokio::test(start_paused = true)]
async fn the_loser_of_a_race_does_not_count() {
    alone(async {
        let breaker = registry().circuit_breaker("dropped: probe").unwrap();
        breaker.half_open();
        let (quick, slow) = (Body::taking("S", ms(10)), Body::taking("F", ms(20)));
        let winner = tokio::select! {
            outcome = probe(&slow) => outcome,
            outcome = async { pass(5).await; quick.run().await } => outcome,
        };
        assert_eq!((winner, slow.runs(), slow.ended()), (Ok(1), 1, 0));
        assert_eq!((breaker.state(), breaker.metrics().executions()), (State::HalfOpen, 0));
        assert_eq!((probe(&Body::new("S")).await, breaker.state()), (Ok(1), State::Closed));
    })
    .await;
}

#[retry(max = 5, delay = "1s")]
async fn retried(body: &Body) -> Res {
    body.run().await
}

// RT-25: a call that is dropped during its first attempt, or in a delay, makes no other attempt.
#[tokio::test(start_paused = true)]
async fn a_dropped_call_makes_no_further_attempt() {
    let body = Body::taking("F", ms(100));
    assert!(tokio::time::timeout(ms(50), retried(&body)).await.is_err());
    pass(500).await;
    assert_eq!((body.runs(), body.ended()), (1, 0));
    assert!(tokio::time::timeout(ms(600), retried(&body)).await.is_err());
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!((body.runs(), body.ended()), (2, 1));
}

#[fallback(with = async |_| { notes.add("asked"); pass(100).await; notes.add("answered"); Ok(0) })]
async fn slow_fallback(notes: &Notes) -> Res {
    pass(100).await;
    Err(Error::Down)
}

// GO Cancellation: fallback during the body, or during the fallback's own function.
#[tokio::test(start_paused = true)]
async fn a_dropped_call_drops_its_fallback() {
    let notes = Notes::new();
    assert!(tokio::time::timeout(ms(50), slow_fallback(&notes)).await.is_err());
    pass(500).await;
    assert!(notes.take().is_empty());
    assert!(tokio::time::timeout(ms(150), slow_fallback(&notes)).await.is_err());
    pass(500).await;
    assert_eq!(notes.take(), ["asked"]);
    assert_eq!((slow_fallback(&notes).await, notes.take().len()), (Ok(0), 2));
}
