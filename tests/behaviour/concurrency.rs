//! Many calls at once at a breaker that is half-open, and calls that end in another state than they began in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use failsafe::circuit_breaker::State;
use failsafe::{CircuitBreaker, circuit_breaker, registry};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::support::*;

#[circuit_breaker(name = "many: three", successes = 3, delay = "1s")]
async fn guarded(inside: &AtomicU32, gate: &Semaphore) -> Res {
    let inside = inside.fetch_add(1, Ordering::SeqCst) + 1;
    gate.acquire().await.unwrap().forget();
    Ok(inside)
}

// GO Pipeline: succ 3: half-open with 3 blocked executions rejects 5 more. 50 concurrent callers at half-open admit
// exactly the capacity, and as the places become free again as many others.
#[tokio::test(start_paused = true)]
async fn fifty_callers_at_half_open_admit_exactly_the_capacity() {
    let scope = failsafe::Registry::new();
    scope
        .scope(async {
            let breaker = registry().circuit_breaker("many: three").unwrap();
            breaker.open();
            pass(1_000).await;
            let (inside, gate) = (Arc::new(AtomicU32::new(0)), Arc::new(Semaphore::new(0)));
            let mut calls = JoinSet::new();
            for _ in 0..50 {
                let (inside, gate) = (Arc::clone(&inside), Arc::clone(&gate));
                calls.spawn(registry().scope(async move { guarded(&inside, &gate).await }));
            }
            for _ in 0..47 {
                assert_eq!(calls.join_next().await.unwrap().unwrap(), OPEN);
            }
            assert_eq!((inside.load(Ordering::SeqCst), breaker.state()), (3, State::HalfOpen));
            gate.add_permits(3);
            while let Some(outcome) = calls.join_next().await {
                assert!(outcome.unwrap().is_ok());
            }
            assert_eq!(breaker.state(), State::Closed);
        })
        .await;
}

// The same from 50 threads, through permits: whoever comes first, exactly the capacity is admitted.
#[test]
fn fifty_threads_at_half_open_get_exactly_the_capacity() {
    for _ in 0..20 {
        let breaker = CircuitBreaker::builder().successes("5/7").delay("0s").build();
        breaker.open();
        let barrier = std::sync::Barrier::new(50);
        std::thread::scope(|threads| {
            let all: Vec<_> = (0..50)
                .map(|_| {
                    threads.spawn(|| {
                        barrier.wait();
                        let permit = breaker.try_acquire();
                        barrier.wait();
                        permit.is_some()
                    })
                })
                .collect();
            let admitted =
                all.into_iter().filter_map(|thread| thread.join().ok().filter(|got| *got));
            assert_eq!(admitted.count(), 7);
        });
        // Every permit was dropped, so all places are free again, and nothing was counted.
        assert_eq!((breaker.state(), breaker.metrics().executions()), (State::HalfOpen, 0));
        let again: Vec<_> = std::iter::from_fn(|| breaker.try_acquire()).collect();
        assert_eq!(again.len(), 7);
    }
}

// The place of a trial call that has ended is free for the next, and never for two.
#[tokio::test(start_paused = true)]
async fn a_place_is_given_back_once() {
    let breaker = CircuitBreaker::builder().failures("3/3").successes("3/3").build();
    breaker.half_open();
    let (first, second, third) =
        (breaker.try_acquire(), breaker.try_acquire(), breaker.try_acquire());
    assert!(breaker.try_acquire().is_none());
    first.unwrap().success();
    let fourth = breaker.try_acquire();
    assert!(fourth.is_some() && breaker.try_acquire().is_none());
    // GO quirk 10: records without a permit do not make more places.
    breaker.record_success();
    assert!(breaker.try_acquire().is_some());
    drop((second, third, fourth));
    let all: Vec<_> = std::iter::from_fn(|| breaker.try_acquire()).collect();
    assert_eq!(all.len(), 3);
}

#[circuit_breaker(name = "many: late", failures = 2, delay = "1s")]
async fn late(body: &Body) -> Res {
    body.run().await
}

// GO quirk 11: a call that began before the outage and ends after it does not touch the state it ends in.
#[tokio::test(start_paused = true)]
async fn late_outcomes_do_not_count() {
    alone(async {
        let breaker = registry().circuit_breaker("many: late").unwrap();
        let (slow_failure, slow_success) =
            (Body::taking("F", ms(5_000)), Body::taking("S", ms(5_000)));
        let mut failing = Box::pin(late(&slow_failure));
        let mut succeeding = Box::pin(late(&slow_success));
        assert_eq!(poll_once(&mut failing).await, None);
        assert_eq!(poll_once(&mut succeeding).await, None);
        let body = Body::new("F");
        assert_eq!((late(&body).await, late(&body).await, late(&body).await), (DOWN, DOWN, OPEN));
        pass(1_000).await;
        breaker.half_open();
        assert_eq!((failing.await, succeeding.await), (DOWN, Ok(1)));
        assert_eq!((breaker.state(), breaker.metrics().executions()), (State::HalfOpen, 0));
        breaker.close();
        assert_eq!(breaker.metrics().executions(), 0);
    })
    .await;
}

// A permit of an earlier half-open state gives no place to the present one.
#[tokio::test(start_paused = true)]
async fn a_permit_of_an_earlier_state_gives_nothing_back() {
    let breaker = CircuitBreaker::builder().build();
    breaker.half_open();
    let early = breaker.try_acquire().unwrap();
    breaker.open();
    breaker.half_open();
    let present = breaker.try_acquire().unwrap();
    drop(early);
    assert!(breaker.try_acquire().is_none(), "the capacity is one");
    drop(present);
    assert!(breaker.try_acquire().is_some());
}
