//! Policies with state that are switched while the program runs.

use super::declared::{Alone, Error};
use super::live_policies::{
    BUDGET, CASES, Case, SHEDDING, adaptive, breaker, budgeted, limiter, limiter_blocking, place,
    place_blocking, place_of, shed, yielding,
};
use failsafe::circuit_breaker::State;
use failsafe::events::{What, subscribe};
use failsafe::settings::{from_toml, reset};
use failsafe::testing::with_chance;
use failsafe::{Detail, Kind, Level, registry};
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;
use tokio::time::{Instant, sleep};

pub(crate) fn apply(text: &str) {
    from_toml(text).unwrap_or_else(|error| panic!("{error}")).apply().unwrap();
}

pub(crate) async fn alone() -> Alone {
    let alone = Alone::new().await;
    registry().reset();
    alone
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn told() -> impl FnMut() -> Vec<What> {
    let mut events = subscribe();
    move || {
        let told = events.drain().into_iter().map(|event| event.what);
        told.filter(|what| matches!(what, What::Rejected(_) | What::BudgetExceeded(_))).collect()
    }
}

/// Off, it is not there, and tells nothing. Observing, it tells what it would refuse. On again, it is
/// where it was, and nothing of the calls between is left in it.
#[tokio::test(start_paused = true)]
async fn every_policy_is_switched() {
    let _alone = alone().await;
    let mut told = told();
    for case in &CASES {
        for call in 0..2 {
            let mut check = |mode: &str, refuses, tells| {
                let policy = case.policy;
                apply(&format!("[{policy}.live]\n{mode}"));
                let before = case.gauge();
                assert_eq!(case.is_refused(call), refuses, "{policy} {call} {mode}");
                assert_eq!(told().len(), usize::from(tells), "{policy} {call} {mode}");
                assert_eq!(case.gauge(), before, "{policy} {call} {mode}");
            };
            reset();
            registry().reset();
            let filled = (case.fill)();
            check("enabled = true", true, true);
            check("enabled = false", false, false);
            check("observe = true", false, true);
            check("enabled = true", true, true);
            drop(filled);
        }
    }
    // The order that a global switch, a name, and code have is that of every option.
    for case in &CASES {
        registry().reset();
        let _filled = (case.fill)();
        let policy = case.policy;
        apply(&format!("[{policy}]\nenabled = false"));
        assert!(!case.is_refused(0), "{policy}");
        apply(&format!("[{policy}]\nenabled = false\n[{policy}.live]\nenabled = true"));
        assert!(case.is_refused(0), "{policy}");
        registry().disable(policy, "live").unwrap();
        assert!(!case.is_refused(0), "{policy}");
    }
}

/// TCK DS-01 to DS-11 and CF: what is disabled for one, for all, or for all but one.
#[tokio::test(start_paused = true)]
async fn disabled_as_the_fault_tolerance_tests_do_it() {
    let _alone = alone().await;
    for policy in ["circuit_breaker", "bulkhead"] {
        let case: &Case = CASES.iter().find(|case| case.policy == policy).unwrap();
        for (text, refuses) in [
            (String::new(), true),
            (format!("[{policy}.live]\nenabled = false"), false),
            (format!("[{policy}.\"li*\"]\nenabled = false"), false),
            (format!("[{policy}]\nenabled = false"), false),
            (format!("[{policy}.\"li*\"]\nenabled = false\n[{policy}.live]\nenabled = true"), true),
            (format!("[{policy}]\nenabled = false\n[{policy}.\"li*\"]\nenabled = true"), true),
            (format!("[{policy}]\nenabled = false\n[{policy}.live]\nenabled = true"), true),
            (
                format!(
                    "[{policy}]\nenabled = false\n[{policy}.\"li*\"]\nenabled = true\n\
                     [{policy}.live]\nenabled = false"
                ),
                false,
            ),
        ] {
            registry().reset();
            apply(&text);
            let _filled = (case.fill)();
            assert_eq!(case.is_refused(0), refuses, "{text}");
        }
    }
}

/// A bulkhead that observes tells of a call for which its queue would have had no room, and of no other.
#[tokio::test(start_paused = true)]
async fn a_bulkhead_observes_its_queue() {
    let _alone = alone().await;
    let mut told = told();
    apply("[bulkhead.live]\nwait = \"1h\"\nqueue = 2\nobserve = true");
    let mut calls = Vec::new();
    for refused in [0, 0, 0, 1, 1] {
        calls.push(tokio::spawn(place(seconds(10))));
        tokio::task::yield_now().await;
        assert_eq!(told().len(), refused, "of call {}", calls.len());
    }
    for call in calls {
        assert!(call.await.unwrap().is_ok());
    }
    assert_eq!(registry().bulkhead("live").unwrap().in_flight(), 0);
}

/// Calls that are under way when it is switched give back what they took, and nothing else, however
/// they end.
#[tokio::test(start_paused = true)]
async fn calls_under_way_give_back_what_they_took() {
    let _alone = alone().await;
    let modes = ["enabled = true", "observe = true", "enabled = false"];
    let all = |mode: &str| {
        let policies = ["bulkhead", "adaptive_limiter", "budget"];
        apply(&policies.map(|policy| format!("[{policy}.live]\n{mode}\n")).concat());
    };
    let gauges = || {
        let gauges = CASES.iter().filter(|case| ["in_flight", "extras"].contains(&case.gauge));
        gauges.map(|case| case.gauge().unwrap()).collect::<Vec<_>>()
    };
    let none = vec![Detail::Count(0); 3];
    for (begin, end) in modes.iter().flat_map(|begin| modes.iter().map(move |end| (begin, end))) {
        for cancelled in [false, true] {
            all(begin);
            let calls = [
                tokio::spawn(place(seconds(10))),
                tokio::spawn(adaptive(seconds(10))),
                tokio::spawn(budgeted(seconds(10))),
            ];
            // The retry has its permit.
            sleep(seconds(15)).await;
            let begun = [tokio::spawn(place(seconds(10))), tokio::spawn(adaptive(seconds(10)))];
            sleep(seconds(1)).await;
            let counted = u64::from(*begin != "enabled = false");
            assert_eq!(gauges(), vec![Detail::Count(counted); 3], "{begin}");
            all(end);
            assert_eq!(gauges(), vec![Detail::Count(counted); 3], "{begin} {end}");
            for call in calls.into_iter().chain(begun) {
                if cancelled {
                    call.abort();
                }
                let _ = call.await;
            }
            assert_eq!(gauges(), none, "{begin} {end} {cancelled}");
            assert_eq!(BUDGET.executions(), 0);
        }
    }
}

/// A call of each may wait.
const WAITING: &str = "[bulkhead.live]\nwait = \"1h\"\n[adaptive_limiter.live]\nlimits = \"1..1\"\ninitial = 1\nwait = \"1h\"\n\
                           [rate_limiter.live]\nwait = \"1h\"\n";

/// Who waits when it is switched off waits no longer.
#[tokio::test(start_paused = true)]
async fn nobody_waits_for_what_does_not_act() {
    let _alone = alone().await;
    for mode in ["enabled = false", "observe = true"] {
        registry().reset();
        apply(WAITING);
        let start = Instant::now();
        let first = [
            tokio::spawn(place(seconds(100))),
            tokio::spawn(adaptive(seconds(100))),
            tokio::spawn(limiter()),
        ];
        let waiting = || {
            [
                tokio::spawn(place(Duration::ZERO)),
                tokio::spawn(adaptive(Duration::ZERO)),
                tokio::spawn(limiter()),
            ]
        };
        sleep(seconds(1)).await;
        let calls = waiting();
        sleep(seconds(2)).await;
        assert!(calls.iter().all(|call| !call.is_finished()));
        apply(&WAITING.replace("wait = \"1h\"", &format!("wait = \"1h\"\n{mode}")));
        for call in calls.into_iter().chain(waiting()) {
            assert_eq!(call.await.unwrap(), Ok(1), "{mode}");
        }
        assert_eq!(start.elapsed(), seconds(3), "{mode}");
        for call in first {
            assert_eq!(call.await.unwrap(), Ok(1));
        }
        assert_eq!(registry().bulkhead("live").unwrap().in_flight(), 0);
        assert_eq!(registry().adaptive_limiter("live").unwrap().metrics().in_flight(), 0);
    }
}

/// A breaker that observes goes through its states as it would, by the outcomes of the calls that it
/// would let through; one that is off learns nothing.
#[tokio::test(start_paused = true)]
async fn a_breaker_that_observes_moves_as_it_would() {
    let _alone = alone().await;
    let handle = registry().circuit_breaker("live").unwrap();
    let call = |result| breaker(result, Duration::ZERO);
    let mut told = told();
    apply("[circuit_breaker.live]\nobserve = true");
    for _ in 0..3 {
        assert_eq!(call(Err(Error::Down)).await, Err(Error::Down));
    }
    assert_eq!(handle.state(), State::Open);
    assert_eq!(call(Ok(1)).await, Ok(1));
    assert_eq!(told(), [What::Rejected(Kind::CircuitOpen)]);
    sleep(seconds(60)).await;
    assert_eq!(call(Ok(1)).await, Ok(1));
    assert_eq!(handle.state(), State::HalfOpen);
    assert_eq!(call(Ok(2)).await, Ok(2));
    assert_eq!((handle.state(), told()), (State::Closed, vec![]));
    apply("[circuit_breaker.live]\nenabled = false");
    for _ in 0..5 {
        assert_eq!(call(Err(Error::Down)).await, Err(Error::Down));
        handle.record_failure();
        handle.try_acquire().unwrap().failure();
    }
    assert_eq!((handle.state(), handle.metrics().executions()), (State::Closed, 0));
    // What an operator does is done.
    handle.open();
    assert!(handle.is_open() && handle.acquire().is_ok());
}

/// A trial call gives its place back, and counts, if the breaker is switched off meanwhile; one that
/// began outside counts for nothing.
#[tokio::test(start_paused = true)]
async fn a_trial_call_that_is_under_way_counts() {
    let _alone = alone().await;
    let handle = registry().circuit_breaker("live").unwrap();
    handle.half_open();
    let trials =
        [Ok(1), Err(Error::Down), Ok(3)].map(|result| tokio::spawn(breaker(result, seconds(10))));
    sleep(seconds(1)).await;
    assert!(handle.try_acquire().is_none());
    trials[2].abort();
    apply("[circuit_breaker.live]\nenabled = false");
    let outside = tokio::spawn(breaker(Err(Error::Down), seconds(10)));
    sleep(seconds(10)).await;
    assert_eq!(outside.await.unwrap(), Err(Error::Down));
    let metrics = handle.metrics();
    assert_eq!((handle.state(), metrics.successes(), metrics.failures()), (State::HalfOpen, 1, 1));
    apply("");
    let permits: Vec<_> = (0..4).map_while(|_| handle.try_acquire()).collect();
    assert_eq!(permits.len(), 3);
}

/// The instances of a declaration with a key follow it.
#[tokio::test(start_paused = true)]
async fn instances_by_key_are_switched() {
    let _alone = alone().await;
    let full = Err(Error::Rejected(Kind::BulkheadFull));
    let held = tokio::spawn(place_of(1, seconds(100)));
    sleep(seconds(1)).await;
    assert_eq!(place_of(1, Duration::ZERO).await, full);
    apply("[bulkhead.\"live keys\"]\nenabled = false");
    assert_eq!(place_of(1, Duration::ZERO).await, Ok(1));
    apply("[bulkhead.\"live keys\"]\nobserve = true");
    assert_eq!(place_of(1, Duration::ZERO).await, Ok(1));
    apply("");
    assert_eq!(place_of(1, Duration::ZERO).await, full);
    held.abort();
}

/// Off, a prioritizer refuses nobody and its policies decide by themselves. Observing, it says from
/// which level on it would let calls through, and they do so too.
#[tokio::test(start_paused = true)]
async fn a_prioritizer_is_switched() {
    let _alone = alone().await;
    let call = || {
        let mut call = pin!(shed());
        let poll =
            || call.as_mut().poll(&mut Context::from_waker(Waker::noop())).map(|flow| flow.is_ok());
        with_chance([0.999, 0.0, 0.0], poll).0 == std::task::Poll::Ready(true)
    };
    let throttler = registry().adaptive_throttler("live shed").unwrap();
    let pressed = || {
        registry().reset();
        (0..9).for_each(|_| throttler.record_failure());
        let caller = || failsafe::Caller::new().level(400);
        let asks = || drop(throttler.acquire_for(caller()));
        (0..4).for_each(|_| with_chance([0.999, 0.0], asks).0);
        SHEDDING.calibrate();
    };
    assert!(call());
    pressed();
    assert_eq!(SHEDDING.rejection_threshold(), Level::new(400));
    // The rate of the throttler alone would let it through by this chance; the level does not.
    let refused = || {
        failsafe::Caller::new().level(10).scope_blocking(|| {
            let mut call = pin!(shed());
            with_chance([0.999, 0.999], || {
                call.as_mut().poll(&mut Context::from_waker(Waker::noop()))
            })
            .0
            .map(|flow| flow.is_err())
                == std::task::Poll::Ready(true)
        })
    };
    apply(
        "[adaptive_throttler.\"live shed\"]\nmax_rejection = 1.0\n[prioritizer.live]\nenabled = false",
    );
    assert!(!refused());
    apply("[prioritizer.live]\nobserve = true");
    pressed();
    assert_eq!(SHEDDING.rejection_threshold(), Level::new(400));
    assert!(!refused());
    assert_eq!(SHEDDING.policies(), 1);
}

/// A thread that is blocked goes as well.
#[test]
fn a_blocked_thread_does_not_wait_for_what_does_not_act() {
    let _alone = Alone::blocking();
    registry().reset();
    let waiting = "wait = \"1h\"\n";
    apply(&format!("[bulkhead.live]\n{waiting}[rate_limiter.live]\n{waiting}"));
    let (pool, quota) =
        (registry().bulkhead("live").unwrap(), registry().rate_limiter("live").unwrap());
    let held = pool.try_acquire().unwrap();
    assert!(quota.try_acquire(1));
    let threads = [std::thread::spawn(place_blocking), std::thread::spawn(limiter_blocking)];
    while pool.waiting() == 0 || quota.available() == 0 {
        std::thread::yield_now();
    }
    apply("[bulkhead.live]\nenabled = false\n[rate_limiter.live]\nobserve = true");
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Ok(1));
    }
    drop(held);
    assert_eq!((pool.in_flight(), pool.waiting()), (0, 0));
}

/// Whatever changes while calls come, wait, run and go on several threads, all of them end, and
/// nothing is left of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_while_calls_run() {
    let _alone = alone().await;
    let running = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let running = std::sync::Arc::clone(&running);
            tokio::spawn(async move {
                while running.load(std::sync::atomic::Ordering::Relaxed) {
                    let _ = yielding().await;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for round in 0..200 {
        let mode = ["enabled = true", "observe = true", "enabled = false"][round % 3];
        let (max, failures) = (round % 5 + 1, round % 4 + 1);
        apply(&format!(
            "[bulkhead.busy]\nmax = {max}\nwait = \"1h\"\n{mode}\n\
             [adaptive_limiter.busy]\nlimits = \"1..{max}\"\ninitial = 1\nwait = \"1h\"\n{mode}\n\
             [rate_limiter.busy]\nsmooth = \"{max}/s\"\nwait = \"1h\"\n{mode}\n\
             [circuit_breaker.busy]\nfailures = \"{failures}/9\"\n{mode}",
        ));
        tokio::task::yield_now().await;
    }
    running.store(false, std::sync::atomic::Ordering::Relaxed);
    apply("[rate_limiter.busy]\nenabled = false");
    for caller in callers {
        caller.await.unwrap();
    }
    let (pool, limiter) = (
        registry().bulkhead("busy").unwrap(),
        registry().adaptive_limiter("busy").unwrap().metrics(),
    );
    assert_eq!((pool.in_flight(), pool.waiting()), (0, 0));
    assert_eq!((limiter.in_flight(), limiter.queued()), (0, 0));
}
