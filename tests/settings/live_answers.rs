//! Settings that change while a program runs: fallback, hedge and cache.

use super::declared::{Alone, Error, runs};
use failsafe::events::{What, subscribe};
use failsafe::settings::from_toml;
use failsafe::{Kind, cache, fallback, feature_toggle, hedge, registry, retry, timeout};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

use super::declared::RUNS;

fn apply(text: &str) {
    from_toml(text).unwrap_or_else(|error| panic!("{error}")).apply().unwrap();
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn takes<T>(future: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    (future.await, start.elapsed())
}

static ANSWERS: AtomicU32 = AtomicU32::new(0);

fn answer() -> u32 {
    ANSWERS.fetch_add(1, Ordering::Relaxed);
    7
}

fn answers() -> u32 {
    ANSWERS.swap(0, Ordering::Relaxed)
}

#[fallback(name = "live answer", with = |_| Ok(answer()))]
#[timeout("1s", name = "live limit")]
async fn answered(takes: Duration) -> Result<u32, Error> {
    sleep(takes).await;
    Err(Error::Down)
}

#[fallback(name = "live answer", with = |_| Ok(answer()))]
fn answered_blocking() -> Result<u32, Error> {
    Err(Error::Down)
}

/// What the policies of one kind told since somebody asked.
fn told(events: &mut failsafe::events::Subscription, policy: &str) -> Vec<What> {
    let events = events.drain().into_iter().filter(|event| event.policy == policy);
    events.map(|event| event.what).collect()
}

#[tokio::test(start_paused = true)]
async fn a_fallback_that_is_off_or_observes() {
    let _alone = Alone::new().await;
    answers();
    let mut events = subscribe();
    let timed_out = Err(Error::Rejected(Kind::Timeout));
    let (short, long) = (Duration::ZERO, seconds(5));
    assert_eq!((answered(short).await, answered(long).await, answers()), (Ok(7), Ok(7), 2));
    assert_eq!(told(&mut events, "fallback").len(), 4);
    apply("[fallback.\"live answer\"]\nenabled = false");
    assert_eq!(
        (answered(short).await, answered(long).await),
        (Err(Error::Down), timed_out.clone())
    );
    assert_eq!((answered_blocking(), answers()), (Err(Error::Down), 0));
    assert_eq!(told(&mut events, "fallback"), []);
    apply("[fallback]\nobserve = true");
    assert_eq!((answered(short).await, answered(long).await), (Err(Error::Down), timed_out));
    assert_eq!((answered_blocking(), answers()), (Err(Error::Down), 0));
    let would = [What::Failure, What::Fallback { failed: true }];
    assert_eq!(told(&mut events, "fallback"), [would, would, would].concat());
    failsafe::settings::reset();
    assert_eq!((answered_blocking(), answers()), (Ok(7), 1));
    // What counts is what is in force when the inside has ended.
    let call = tokio::spawn(answered(Duration::from_millis(500)));
    sleep(Duration::from_millis(100)).await;
    registry().disable("fallback", "live answer").unwrap();
    assert_eq!(call.await.unwrap(), Err(Error::Down));
}

/// Its type holds no rejection.
#[fallback(name = "only way out", value = 9)]
#[timeout("1s")]
async fn plain(takes: Duration) -> u32 {
    sleep(takes).await;
    1
}

/// An error that is made of nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Closed;

#[fallback(name = "closed way out", value = Ok(9))]
#[retry(max = 1)]
#[feature_toggle(name = "live closed", enabled = false)]
async fn closed(down: bool) -> Result<u32, Closed> {
    if down { Err(Closed) } else { Ok(1) }
}

#[fallback(name = "generic way out", value = T::default())]
#[feature_toggle(name = "live closed", enabled = false)]
fn generic<T: Default>(value: T) -> T {
    value
}

/// Where a rejection has no other way out the fallback goes on answering for it, and for nothing else.
#[tokio::test(start_paused = true)]
async fn a_fallback_that_is_the_only_way_out() {
    let _alone = Alone::new().await;
    for mode in ["enabled = false", "observe = true"] {
        apply(&format!("[fallback]\n{mode}"));
        assert_eq!((plain(seconds(5)).await, plain(Duration::ZERO).await), (9, 1), "{mode}");
        assert_eq!((closed(true).await, generic(3)), (Ok(9), 0), "{mode}");
        registry().feature_toggle("live closed").unwrap().enable();
        assert_eq!((closed(true).await, generic(3)), (Err(Closed), 3), "{mode}");
        registry().feature_toggle("live closed").unwrap().reset();
    }
}

#[hedge(delay = "100ms", name = "live hedge", max = 2)]
async fn hedged(first: Duration) -> Result<u32, Error> {
    RUNS.fetch_add(1, Ordering::Relaxed);
    let attempt = failsafe::attempt();
    sleep(if attempt.is_hedge() { Duration::from_millis(10) } else { first }).await;
    Ok(attempt.number())
}

#[hedge(delay = "100ms", name = "live failing", max = 2)]
async fn hedged_failing() -> Result<u32, Error> {
    RUNS.fetch_add(1, Ordering::Relaxed);
    sleep(Duration::from_millis(1)).await;
    Err(Error::Down)
}

#[tokio::test(start_paused = true)]
async fn a_hedge_has_the_options_in_force() {
    let _alone = Alone::new().await;
    let millis = Duration::from_millis;
    assert_eq!(takes(hedged(seconds(1))).await, (Ok(2), millis(110)));
    apply("[hedge.\"live hedge\"]\ndelay = \"300ms\"");
    assert_eq!(takes(hedged(seconds(1))).await, (Ok(2), millis(310)));
    apply("[hedge.\"live hedge\"]\ndelay = \"0ms\"\nmax = 4");
    runs();
    assert_eq!((hedged(seconds(1)).await.is_ok(), runs()), (true, 5));
    apply("[hedge.\"live failing\"]\nfirst = true");
    assert_eq!((hedged_failing().await, runs()), (Err(Error::Down), 1));
    failsafe::settings::reset();
    assert_eq!((hedged_failing().await, runs()), (Err(Error::Down), 3));
}

#[tokio::test(start_paused = true)]
async fn a_hedge_that_is_off_or_observes() {
    let _alone = Alone::new().await;
    let mut events = subscribe();
    let twice = [What::Hedge, What::Hedge];
    apply("[hedge]\nenabled = false");
    assert_eq!(takes(hedged(seconds(1))).await, (Ok(1), seconds(1)));
    assert_eq!((hedged_failing().await, runs()), (Err(Error::Down), 2));
    assert_eq!(told(&mut events, "hedge"), []);
    apply("[hedge]\nobserve = true");
    assert_eq!(takes(hedged(seconds(1))).await, (Ok(1), seconds(1)));
    assert_eq!(told(&mut events, "hedge"), twice);
    assert_eq!((hedged_failing().await, runs()), (Err(Error::Down), 2));
    assert_eq!(told(&mut events, "hedge"), [What::Hedge]);
    // Switched while the delay runs.
    failsafe::settings::reset();
    let call = tokio::spawn(takes(hedged(seconds(1))));
    sleep(Duration::from_millis(50)).await;
    registry().disable("hedge", "live hedge").unwrap();
    assert_eq!(call.await.unwrap(), (Ok(1), seconds(1)));
    // And while a hedge runs: the race goes on.
    registry().unswitch("hedge", "live hedge").unwrap();
    let call = tokio::spawn(takes(hedged(seconds(1))));
    sleep(Duration::from_millis(105)).await;
    registry().disable("hedge", "live hedge").unwrap();
    assert_eq!(call.await.unwrap(), (Ok(2), Duration::from_millis(110)));
}

#[hedge(quantile = 0.5, name = "live quantile", threshold = 2)]
async fn by_quantile() -> Result<u32, Error> {
    sleep(Duration::from_millis(10)).await;
    Ok(1)
}

/// What is known of attempts outlives other options, and not another quantile.
#[tokio::test(start_paused = true)]
async fn the_estimate_of_a_hedge_is_kept() {
    let _alone = Alone::new().await;
    let hedge = registry().hedge("live quantile").unwrap();
    hedge.reset();
    for _ in 0..3 {
        by_quantile().await.unwrap();
    }
    let delay = Some(Duration::from_millis(10));
    assert_eq!((hedge.metrics().samples(), hedge.delay(0)), (3, delay));
    apply("[hedge.\"live quantile\"]\nthreshold = 5\nage = 7");
    assert_eq!((hedge.metrics().samples(), hedge.delay(0)), (3, None));
    apply("[hedge.\"live quantile\"]\nenabled = false");
    by_quantile().await.unwrap();
    assert_eq!((hedge.metrics().samples(), hedge.delay(0)), (3, delay), "nothing is counted");
    apply("[hedge.\"live quantile\"]\nquantile = 0.9");
    assert_eq!((hedge.metrics().samples(), hedge.delay(0)), (0, None));
}

#[cache(name = "live cache", key = key, capacity = 100)]
async fn cached(key: u32, takes: Duration) -> Result<u32, Error> {
    sleep(takes).await;
    Ok(key + 1000 * (RUNS.fetch_add(1, Ordering::Relaxed) + 1))
}

#[cache(name = "live blocking cache", key = key)]
fn cached_blocking(key: u32) -> Result<u32, Error> {
    Ok(key + RUNS.fetch_add(1, Ordering::Relaxed))
}

const NOW: Duration = Duration::ZERO;

#[tokio::test(start_paused = true)]
async fn a_cache_has_the_options_in_force() {
    let _alone = Alone::new().await;
    let values = registry().cache("live cache").unwrap();
    values.clear();
    for key in 0..100 {
        cached(key, NOW).await.unwrap();
    }
    assert_eq!((values.len(), runs()), (100, 100));
    // By their age, which nobody looked at so far.
    sleep(seconds(10)).await;
    apply("[cache.\"live cache\"]\nttl = \"11s\"");
    assert_eq!((cached(1, NOW).await.is_ok(), runs()), (true, 0));
    sleep(seconds(1)).await;
    assert_eq!((cached(1, NOW).await.is_ok(), runs()), (true, 1));
    apply("[cache.\"live cache\"]\nttl = \"1h\"");
    assert_eq!((cached(2, NOW).await.is_ok(), runs()), (true, 0), "it was not asked for meanwhile");
    apply("[cache.\"live cache\"]\ncapacity = 10");
    assert_eq!(values.len(), 10);
    apply("[cache.\"live cache\"]\ncapacity = 50");
    assert_eq!(values.len(), 10, "those that were left are there");
    for key in 0..200 {
        cached(key, NOW).await.unwrap();
    }
    assert!((41..=50).contains(&values.len()), "{}", values.len());
}

#[tokio::test(start_paused = true)]
async fn a_cache_that_is_off_or_observes() {
    let _alone = Alone::new().await;
    let mut events = subscribe();
    let values = registry().cache("live cache").unwrap();
    values.clear();
    let first = cached(1, NOW).await;
    assert_eq!(told(&mut events, "cache"), [What::Miss, What::Cached]);
    apply("[cache]\nenabled = false");
    let metrics = values.metrics();
    assert!(cached(1, NOW).await != first && cached(2, NOW).await.is_ok());
    assert_eq!((told(&mut events, "cache"), values.metrics()), (vec![], metrics));
    apply("[cache]\nobserve = true");
    runs();
    assert!(cached(1, NOW).await.is_ok() && cached(3, NOW).await.is_ok());
    assert_eq!(told(&mut events, "cache"), [What::Hit, What::Miss, What::Cached]);
    // A second call of a key waits for nobody, and does not replace what the first one keeps.
    let ((fourth, _), time) =
        takes(async { tokio::join!(cached(4, seconds(2)), cached(4, seconds(1))) }).await;
    assert_eq!((runs(), time), (4, seconds(2)));
    failsafe::settings::reset();
    assert_eq!((cached(1, NOW).await, cached(4, NOW).await, runs()), (first, fourth, 0));
}

#[test]
fn a_blocking_cache_that_is_off_or_observes() {
    let _alone = Alone::blocking();
    registry().cache("live blocking cache").unwrap().clear();
    let call = |runs_expected| {
        cached_blocking(1).unwrap();
        assert_eq!(runs(), runs_expected);
    };
    call(1);
    call(0);
    for mode in ["enabled = false", "observe = true"] {
        apply(&format!("[cache]\n{mode}"));
        call(1);
        call(1);
    }
    failsafe::settings::reset();
    call(0);
}

/// Calls that run and wait are not disturbed: those that wait are answered, and nothing is kept by a
/// cache that is off when its body has ended.
#[tokio::test(start_paused = true)]
async fn a_cache_that_is_switched_while_calls_wait() {
    let _alone = Alone::new().await;
    let values = registry().cache("live cache").unwrap();
    values.clear();
    let leads = tokio::spawn(cached(5, seconds(2)));
    let waits = tokio::spawn(cached(5, seconds(2)));
    sleep(seconds(1)).await;
    apply("[cache.\"live cache\"]\nenabled = false");
    assert_eq!(leads.await.unwrap(), waits.await.unwrap());
    assert_eq!((runs(), values.len()), (1, 0));
    failsafe::settings::reset();
    let leads = tokio::spawn(cached(5, seconds(2)));
    let waits = tokio::spawn(cached(5, seconds(2)));
    sleep(seconds(1)).await;
    apply("[cache.\"live cache\"]\ncapacity = 1\nttl = \"1h\"");
    assert_eq!(leads.await.unwrap(), waits.await.unwrap());
    assert_eq!((runs(), values.len()), (1, 1));
}
