//! Policies with state whose options change while the program runs: each has its effect on the live
//! instance, and what was counted stays.

use super::declared::{Alone, Error};
use super::live_modes::{alone, apply};
use super::live_policies::{BUDGET, SHEDDING, adaptive, breaker, limiter, place, place_of, shed};
use failsafe::circuit_breaker::State;
use failsafe::{Caller, CircuitBreaker, Kind, Level, RateLimiter, registry};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn the_breaker() -> CircuitBreaker {
    registry().circuit_breaker("live").unwrap()
}

fn the_limiter() -> RateLimiter {
    registry().rate_limiter("live").unwrap()
}

fn breaks(options: &str) {
    apply(&format!("[circuit_breaker.live]\n{options}"));
}

fn records(breaker: &CircuitBreaker, outcomes: &str) {
    for outcome in outcomes.chars() {
        if outcome == 'F' { breaker.record_failure() } else { breaker.record_success() }
    }
}

/// The last outcomes stay as far as there is room, and decide with the next one.
#[tokio::test(start_paused = true)]
async fn a_breaker_keeps_its_outcomes() {
    let _alone = alone().await;
    let breaker = the_breaker();
    let counts = || (breaker.metrics().failures(), breaker.metrics().executions());
    records(&breaker, "FSSFS");
    breaks("failures = \"2/3\"");
    assert_eq!((breaker.state(), counts()), (State::Closed, (1, 3)));
    breaks("failures = \"3/100\"");
    assert_eq!(counts(), (1, 3));
    records(&breaker, "FF");
    assert_eq!(breaker.state(), State::Open);
    // A period and a number of calls have nothing in common.
    breaker.reset();
    breaks("failures = \"3 in 10s\"");
    records(&breaker, "FF");
    sleep(seconds(9)).await;
    breaks("failures = \"3 in 1m\"");
    assert_eq!(counts(), (2, 2));
    sleep(seconds(20)).await;
    assert_eq!(counts(), (2, 2));
    breaks("failures = \"3 in 10s\"");
    assert_eq!(counts(), (0, 0));
    records(&breaker, "F");
    breaks("failures = \"2/5\"");
    assert_eq!(counts(), (0, 0));
}

/// An open one stays open, and its new delay counts from when it opened; one that is open for a time
/// of its own keeps that.
#[tokio::test(start_paused = true)]
async fn an_open_breaker_stays_open() {
    let _alone = alone().await;
    let breaker = the_breaker();
    records(&breaker, "FFFFF");
    sleep(seconds(20)).await;
    breaks("delay = \"30s\"");
    assert_eq!((breaker.state(), breaker.remaining_delay()), (State::Open, seconds(10)));
    breaks("delay = \"2m\"");
    assert_eq!(breaker.remaining_delay(), seconds(100));
    breaks("delay = \"10s\"\nfailures = 1");
    assert_eq!((breaker.state(), breaker.remaining_delay()), (State::Open, Duration::ZERO));
    breaker.try_acquire().unwrap().failure_for(seconds(500));
    breaker.try_acquire().unwrap().failure();
    breaker.reset();
    breaker.try_acquire().unwrap().failure_for(seconds(500));
    breaks("delay = \"20s\"");
    assert_eq!(breaker.remaining_delay(), seconds(500));
    breaker.force_open();
    breaks("delay = \"30s\"");
    assert!(breaker.remaining_delay() > seconds(1_000_000));
}

/// A half-open one keeps its trials: those that ended, and those under way.
#[tokio::test(start_paused = true)]
async fn a_half_open_breaker_keeps_its_trials() {
    let _alone = alone().await;
    let handle = the_breaker();
    breaks("successes = 4");
    handle.half_open();
    handle.try_acquire().unwrap().success();
    let mut under_way: Vec<_> = (0..4).map(|_| handle.try_acquire().unwrap()).collect();
    breaks("successes = 3");
    assert_eq!((handle.state(), handle.metrics().successes()), (State::HalfOpen, 1));
    // Four are under way, of three.
    under_way.pop();
    assert!(handle.try_acquire().is_none());
    under_way.pop();
    under_way.push(handle.try_acquire().unwrap());
    under_way.pop().unwrap().success();
    assert_eq!(handle.state(), State::HalfOpen);
    under_way.pop().unwrap().success();
    assert_eq!(handle.state(), State::Closed);
}

/// `slow` holds for calls that begin after it; one that began before was not timed.
#[tokio::test(start_paused = true)]
async fn slow_calls_count_from_the_next_on() {
    let _alone = alone().await;
    let handle = the_breaker();
    let before = tokio::spawn(breaker(Ok(1), seconds(10)));
    sleep(seconds(1)).await;
    breaks("slow = \"2s\"");
    before.await.unwrap().unwrap();
    assert_eq!((handle.metrics().failures(), handle.metrics().successes()), (0, 1));
    breaker(Ok(1), seconds(3)).await.unwrap();
    assert_eq!(handle.metrics().failures(), 1);
}

/// TCK CF-09: the options of the fault tolerance tests, changed from outside.
#[tokio::test(start_paused = true)]
async fn breakers_of_the_fault_tolerance_tests() {
    let _alone = alone().await;
    let handle = the_breaker();
    let opens_at = |outcomes: &str| {
        handle.reset();
        outcomes.chars().position(|outcome| {
            records(&handle, &outcome.to_string());
            handle.is_open()
        })
    };
    breaks("failures = \"2/2\"");
    assert_eq!(opens_at("FFFFF"), Some(1));
    breaks("failures = \"4/4\"");
    assert_eq!(opens_at("FFFFF"), Some(3));
    breaks("failures = \"80% of 10\"");
    assert_eq!(opens_at("FFSFFFSFFF"), Some(9));
    breaks("failures = \"80% of 10\"\nsuccesses = 2\ndelay = \"1s\"");
    handle.reset();
    handle.open();
    sleep(seconds(1)).await;
    (0..2).for_each(|_| handle.try_acquire().unwrap().success());
    assert_eq!(handle.state(), State::Closed);
    assert_eq!(opens_at("FFFFFFFFFF"), Some(9));
    sleep(seconds(1)).await;
    handle.try_acquire().unwrap().success();
    handle.try_acquire().unwrap().failure();
    assert_eq!(handle.state(), State::Open);
}

/// TCK CB-27: the delay by a key of all, and by one of its own, from outside.
#[tokio::test(start_paused = true)]
async fn the_delay_of_a_breaker_by_keys() {
    let _alone = alone().await;
    let handle = the_breaker();
    let all = "[circuit_breaker]\ndelay = \"200ms\"\n";
    let own = "[circuit_breaker.live]\ndelay = \"300ms\"\n";
    for (text, delay) in
        [(all.to_owned(), 200), (own.to_owned(), 300), (format!("{all}{own}"), 300)]
    {
        apply(&text);
        handle.reset();
        records(&handle, "FFF");
        sleep(Duration::from_millis(delay - 1)).await;
        assert!(handle.try_acquire().is_none(), "{text}");
        sleep(Duration::from_millis(1)).await;
        assert!(handle.try_acquire().is_some(), "{text}");
    }
}

/// What was used counts as used; those who wait keep their places, and go as soon as they may.
#[tokio::test(start_paused = true)]
async fn a_rate_limiter_keeps_what_was_used() {
    let _alone = alone().await;
    let handle = the_limiter();
    assert!(handle.try_acquire(1) && !handle.try_acquire(1));
    apply("[rate_limiter.live]\nbursty = \"3/1m\"");
    assert_eq!(handle.available(), 2);
    assert!(handle.try_acquire(2));
    apply("[rate_limiter.live]\nbursty = \"2/1m\"");
    assert_eq!(handle.available(), 0);
    assert_eq!(handle.reserve(1), seconds(60));
    handle.reset();
    apply("[rate_limiter.live]\nsmooth = \"1/s\"\nwait = \"3s\"");
    assert_eq!((limiter().await, limiter().await), (Ok(1), Ok(1)));
    apply("[rate_limiter.live]\nsmooth = \"1/s\"");
    assert_eq!(limiter().await, Err(Error::Rejected(Kind::RateLimited)));
}

#[tokio::test(start_paused = true)]
async fn calls_that_wait_for_a_rate_go_when_they_may() {
    let _alone = alone().await;
    let handle = the_limiter();
    apply("[rate_limiter.live]\nsmooth = \"1/1m\"\nwait = \"1h\"");
    assert!(handle.try_acquire(1));
    let start = Instant::now();
    let call = |order: u64| async move {
        sleep(Duration::from_millis(order)).await;
        limiter().await.unwrap();
        start.elapsed().as_secs()
    };
    let calls: Vec<_> = (0..4).map(|order| tokio::spawn(call(order))).collect();
    sleep(seconds(10)).await;
    assert_eq!(handle.available(), -4);
    calls[0].abort();
    sleep(seconds(1)).await;
    // Faster: the one whose time has come goes at once, and the others one after the other.
    apply("[rate_limiter.live]\nsmooth = \"1/5s\"\nwait = \"1h\"");
    // The permit that was given back is the next one again.
    let next = handle.try_reserve(1, seconds(5)).unwrap();
    assert!((4..=5).contains(&next.as_secs()), "{next:?}");
    let mut went = Vec::new();
    for call in calls.into_iter().skip(1) {
        went.push(call.await.unwrap());
    }
    assert_eq!(went, [21, 26, 31]);
    // Slower: nobody waits for longer than was said.
    let (late, begun) = (tokio::spawn(limiter()), Instant::now());
    sleep(Duration::from_millis(10)).await;
    apply("[rate_limiter.live]\nsmooth = \"1/1h\"\nwait = \"1h\"");
    late.await.unwrap().unwrap();
    assert!(begun.elapsed() <= seconds(15), "{:?}", begun.elapsed());
}

/// Further places go to those who wait; of fewer, those in use stay so.
#[tokio::test(start_paused = true)]
async fn a_bulkhead_grows_and_shrinks() {
    let _alone = alone().await;
    let handle = registry().bulkhead("live").unwrap();
    apply("[bulkhead.live]\nwait = \"1h\"\nqueue = 3");
    let mut calls: Vec<_> = (0..4).map(|_| tokio::spawn(place(seconds(100)))).collect();
    sleep(seconds(1)).await;
    assert_eq!((handle.in_flight(), handle.waiting()), (1, 3));
    assert_eq!(place(Duration::ZERO).await, Err(Error::Rejected(Kind::BulkheadFull)));
    apply("[bulkhead.live]\nwait = \"1h\"\nqueue = 3\nmax = 3");
    sleep(seconds(1)).await;
    assert_eq!((handle.in_flight(), handle.waiting()), (3, 1));
    apply("[bulkhead.live]\nmax = 1");
    assert_eq!((handle.in_flight(), handle.waiting()), (3, 1));
    assert_eq!(place(Duration::ZERO).await, Err(Error::Rejected(Kind::BulkheadFull)));
    let start = Instant::now();
    calls.pop().unwrap().await.unwrap().unwrap();
    // It waited for all three before it.
    assert_eq!((handle.in_flight(), start.elapsed()), (0, seconds(199)));
    assert_eq!(handle.config().get_max(), 1);
}

/// TCK BH-08 and BH-09: the number of places, and of calls that wait, from outside.
#[tokio::test(start_paused = true)]
async fn bulkheads_of_the_fault_tolerance_tests() {
    let _alone = alone().await;
    let handle = registry().bulkhead("live").unwrap();
    for (max, queue) in [(5, 0), (1, 5), (5, 1), (1, 1)] {
        let wait =
            if queue == 0 { String::new() } else { format!("wait = \"1h\"\nqueue = {queue}") };
        apply(&format!("[bulkhead.live]\nmax = {max}\n{wait}"));
        let calls: Vec<_> = (0..20).map(|_| tokio::spawn(place(seconds(1)))).collect();
        tokio::task::yield_now().await;
        sleep(Duration::from_millis(1)).await;
        assert_eq!((handle.in_flight(), handle.waiting()), (max, queue));
        let mut refused = 0;
        for call in calls {
            refused += u32::from(call.await.unwrap().is_err());
        }
        assert_eq!((refused, handle.in_flight()), (20 - max - queue, 0));
    }
}

/// Instances by key that there are take a change, and new ones begin with it.
#[tokio::test(start_paused = true)]
async fn instances_by_key_change() {
    let _alone = alone().await;
    let _held = [1, 1].map(|key| tokio::spawn(place_of(key, seconds(100))));
    sleep(seconds(1)).await;
    apply("[bulkhead.\"live keys\"]\nmax = 2");
    for key in [1, 2] {
        let held = tokio::spawn(place_of(key, seconds(100)));
        sleep(seconds(1)).await;
        assert!(!held.is_finished());
        let second = tokio::spawn(place_of(key, seconds(100)));
        sleep(seconds(1)).await;
        assert_eq!(second.is_finished(), key == 1, "one of key 1 is under way already");
    }
}

/// The limit stays, or goes to the nearest of its new bounds.
#[tokio::test(start_paused = true)]
async fn an_adaptive_limiter_keeps_its_limit() {
    let _alone = alone().await;
    let handle = registry().adaptive_limiter("live").unwrap();
    let limits = |options: &str| apply(&format!("[adaptive_limiter.live]\n{options}"));
    assert_eq!(handle.limit(), 20);
    limits("limits = \"1..1\"\ninitial = 1");
    assert_eq!(handle.limit(), 1);
    limits("limits = \"1..10\"\ninitial = 1\nwait = \"1h\"");
    let waiting: Vec<_> = (0..4).map(|_| tokio::spawn(adaptive(seconds(100)))).collect();
    sleep(seconds(1)).await;
    assert_eq!((handle.metrics().in_flight(), handle.metrics().queued()), (1, 3));
    limits("limits = \"3..10\"\ninitial = 3\nwait = \"1h\"");
    sleep(seconds(1)).await;
    assert_eq!(
        (handle.limit(), handle.metrics().in_flight(), handle.metrics().queued()),
        (3, 3, 1)
    );
    limits("limits = \"1..2\"\ninitial = 1\nqueue = \"1..2\"");
    assert_eq!((handle.limit(), handle.metrics().in_flight()), (2, 3));
    assert!(handle.metrics().rejection_rate() < 1.0);
    limits("limits = \"1..10\"\ninitial = 1");
    assert_eq!(handle.limit(), 2);
    for call in waiting {
        call.await.unwrap().unwrap();
    }
    assert_eq!(handle.metrics().in_flight(), 0);
    // The samples of a window count on.
    limits("samples = 2");
    handle.reset();
    let updates = || handle.metrics().update().map(failsafe::adaptive_limiter::Update::number);
    let before = updates();
    adaptive(seconds(1)).await.unwrap();
    assert_eq!(updates(), before);
    limits("samples = 1");
    adaptive(seconds(1)).await.unwrap();
    assert!(updates() > before);
}

#[tokio::test(start_paused = true)]
async fn a_throttler_keeps_its_window() {
    let _alone = alone().await;
    let handle = registry().adaptive_throttler("live").unwrap();
    let tell = |options: &str| apply(&format!("[adaptive_throttler.live]\n{options}"));
    (0..9).for_each(|_| handle.record_failure());
    let rate = || format!("{:.0}", handle.rejection_rate() * 100.0);
    assert_eq!(rate(), "90");
    tell("max_rejection = 0.25");
    assert_eq!(rate(), "25");
    tell("failure_rate = \"50% of 10 in 1m\"");
    assert_eq!(rate(), "0");
    handle.record_failure();
    assert_eq!(rate(), "90");
    sleep(seconds(30)).await;
    tell("failure_rate = \"50% of 10 in 1h\"");
    sleep(seconds(600)).await;
    assert_eq!((handle.metrics().failures(), rate()), (10, "90".into()));
    tell("failure_rate = \"50% of 10 in 1m\"");
    assert_eq!((handle.metrics().failures(), rate()), (0, "0".into()));
}

#[tokio::test(start_paused = true)]
async fn a_budget_keeps_what_is_under_way() {
    let _alone = alone().await;
    let held = (BUDGET.start_execution(), BUDGET.try_acquire().unwrap());
    assert!(BUDGET.try_acquire().is_none());
    apply("[budget.live]\nmin_concurrency = 2");
    assert!(BUDGET.try_acquire().is_some());
    apply("[budget.live]\nmax_rate = \"50%\"");
    assert!(BUDGET.try_acquire().is_some());
    assert_eq!((BUDGET.executions(), BUDGET.extras()), (2, 1));
    drop(held);
    assert_eq!((BUDGET.executions(), BUDGET.extras()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_prioritizer_keeps_its_levels() {
    let _alone = alone().await;
    shed().await.unwrap();
    let handle = registry().adaptive_throttler("live shed").unwrap();
    registry().reset();
    let asks = |level: u16| drop(handle.acquire_for(Caller::new().level(level).user("heavy")));
    [100, 200, 300, 400].into_iter().for_each(asks);
    (0..3).for_each(|_| handle.record_failure());
    let threshold = || {
        SHEDDING.calibrate();
        SHEDDING.rejection_threshold()
    };
    // Too many is a good two thirds of the calls.
    assert_eq!(threshold(), Level::new(300));
    apply("[prioritizer.live]\nwindow = 2");
    assert_eq!(threshold(), Level::new(400));
    apply("[prioritizer.live]\nwindow = 100");
    asks(10);
    assert_eq!(threshold(), Level::new(400), "of 10, 300 and 400");
    // Usage is tracked from when it is asked for, and forgotten when it is no longer.
    SHEDDING.record_usage("heavy", 5);
    assert_eq!(SHEDDING.usage("heavy"), None);
    apply("[prioritizer.live]\nusage_window = \"1m\"");
    SHEDDING.record_usage("heavy", 5);
    apply("[prioritizer.live]\nusage_window = \"1h\"\nmax_users = 1");
    sleep(seconds(600)).await;
    assert_eq!(SHEDDING.usage("heavy"), Some(5));
    apply("");
    assert_eq!(SHEDDING.usage("heavy"), None);
    apply("[prioritizer.live]\nusage_window = \"1h\"");
    assert_eq!(SHEDDING.usage("heavy"), None);
}

/// Instances of a scope take a change as those of the process do, with what they have counted.
#[test]
fn instances_of_a_scope_follow() {
    let _alone = Alone::blocking();
    let _time = failsafe::testing::VirtualTime::new();
    failsafe::Registry::new().scope_blocking(|| {
        apply("[rate_limiter.quota]\nbursty = \"10/s\"");
        let limiter = registry().rate_limiter("quota").unwrap();
        assert!(limiter.try_acquire(4));
        assert_eq!(limiter.available(), 6);
        apply("[rate_limiter.quota]\nbursty = \"20/s\"");
        assert_eq!(limiter.available(), 16);
        failsafe::settings::reset();
        assert!(limiter.config().get_bursty().is_none());
    });
    let other = registry().rate_limiter("quota").unwrap();
    assert_eq!(other.available(), 1, "that of the process has used none");
}
