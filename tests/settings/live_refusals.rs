//! Settings that change while a program runs: feature toggle and fail-fast.

use super::declared::{Alone, Error, RUNS, runs};
use failsafe::events::{What, subscribe};
use failsafe::settings::from_toml;
use failsafe::testing::VirtualTime;
use failsafe::{Kind, fail_fast, feature_toggle, registry};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::sleep;

fn apply(text: &str) {
    from_toml(text).unwrap_or_else(|error| panic!("{error}")).apply().unwrap();
}

fn told(events: &mut failsafe::events::Subscription, policy: &str) -> Vec<What> {
    let events = events.drain().into_iter().filter(|event| event.policy == policy);
    events.map(|event| event.what).collect()
}

static HEARD: AtomicU32 = AtomicU32::new(0);

fn heard() -> u32 {
    HEARD.swap(0, Ordering::Relaxed)
}

fn hear() {
    HEARD.fetch_add(1, Ordering::Relaxed);
}

#[feature_toggle(name = "live beta", when = || allowed, on_disabled = |_| hear())]
async fn toggled(allowed: bool) -> Result<u32, Error> {
    Ok(1)
}

#[feature_toggle(name = "live beta", otherwise = Ok(2))]
fn toggled_blocking() -> Result<u32, Error> {
    Ok(1)
}

const DISABLED: Result<u32, Error> = Err(Error::Rejected(Kind::FeatureDisabled));

/// Precedence: code, then the settings, then the attribute.
#[tokio::test(start_paused = true)]
async fn a_toggle_is_switched_by_settings_unless_code_has() {
    let _alone = Alone::new().await;
    let toggle = registry().feature_toggle("live beta").unwrap();
    toggle.reset();
    let mut events = subscribe();
    let mut switched = || told(&mut events, "feature_toggle");
    let (off, on) = (What::Switched { enabled: false }, What::Switched { enabled: true });
    assert_eq!(toggled(true).await, Ok(1));
    apply("[feature_toggle.\"live beta\"]\nenabled = false");
    assert_eq!((switched(), toggle.is_enabled()), (vec![off], false));
    assert_eq!((toggled(true).await, toggled_blocking()), (DISABLED, Ok(2)));
    switched();
    toggle.enable();
    assert_eq!((switched(), toggled(true).await), (vec![on], Ok(1)));
    failsafe::settings::reset();
    apply("[feature_toggle.\"live beta\"]\nenabled = false");
    assert_eq!((switched(), toggle.is_enabled()), (vec![], true), "code has the say");
    toggle.reset();
    assert_eq!((switched(), toggle.is_enabled()), (vec![off], false));
    failsafe::settings::reset();
    assert_eq!((switched(), toggle.is_enabled()), (vec![on], true));
    toggle.disable();
    apply("[feature_toggle]\nenabled = true");
    assert!(!toggle.is_enabled());
    toggle.reset();
}

#[tokio::test(start_paused = true)]
async fn a_toggle_that_observes_or_is_taken_away() {
    let _alone = Alone::new().await;
    let toggle = registry().feature_toggle("live beta").unwrap();
    let mut events = subscribe();
    heard();
    apply("[feature_toggle.\"live beta\"]\nenabled = false\nobserve = true");
    told(&mut events, "feature_toggle");
    assert_eq!((toggled(true).await, toggled_blocking()), (Ok(1), Ok(1)));
    assert_eq!((told(&mut events, "feature_toggle"), heard()), (vec![What::Disabled; 2], 1));
    assert!(toggle.try_acquire() && toggle.acquire().is_ok());
    assert_eq!(told(&mut events, "feature_toggle"), [What::Disabled; 2]);
    registry().disable("feature_toggle", "live beta").unwrap();
    assert_eq!((toggled(false).await, toggled_blocking()), (Ok(1), Ok(1)));
    assert_eq!((told(&mut events, "feature_toggle"), heard()), (vec![], 0));
    registry().enable("feature_toggle", "live beta").unwrap();
    assert_eq!((toggled(true).await, heard()), (DISABLED, 1));
}

static WELL: AtomicBool = AtomicBool::new(false);
static PROBES: AtomicU32 = AtomicU32::new(0);

fn probe() -> bool {
    PROBES.fetch_add(1, Ordering::Relaxed);
    WELL.load(Ordering::Relaxed)
}

fn probes() -> u32 {
    PROBES.swap(0, Ordering::Relaxed)
}

fn outcome(ok: bool) -> Result<u32, Error> {
    RUNS.fetch_add(1, Ordering::Relaxed);
    if ok { Ok(1) } else { Err(Error::Down) }
}

#[fail_fast(name = "live database", failures = 3, every = "10s", probe = probe, on_fail_fast = |_| hear())]
async fn query(ok: bool, takes: u64) -> Result<u32, Error> {
    sleep(Duration::from_secs(takes)).await;
    outcome(ok)
}

#[fail_fast(name = "live blocking database")]
fn query_blocking(ok: bool) -> Result<u32, Error> {
    outcome(ok)
}

#[fail_fast(name = "live tenants", key = tenant)]
async fn of_tenant(tenant: &str, ok: bool) -> Result<u32, Error> {
    outcome(ok)
}

const FAILED: Result<u32, Error> = Err(Error::Rejected(Kind::FailFast));
const DOWN: Result<u32, Error> = Err(Error::Down);

#[tokio::test(start_paused = true)]
async fn a_fail_fast_has_the_options_in_force() {
    let _alone = Alone::new().await;
    let database = registry().fail_fast("live database").unwrap();
    database.reset();
    probes();
    WELL.store(false, Ordering::Relaxed);
    assert_eq!((query(false, 0).await, query(false, 0).await), (DOWN, DOWN));
    apply("[fail_fast.\"live database\"]\nfailures = 5");
    // The two that were counted count.
    for failures in 3..=5 {
        assert_eq!((query(false, 0).await, database.failures()), (DOWN, failures));
    }
    assert!(database.is_failed());
    assert_eq!(database.until_probe(), Some(Duration::from_secs(10)));
    apply("[fail_fast.\"live database\"]\nfailures = \"unlimited\"\nevery = \"2s\"");
    assert!(database.is_failed(), "it stays failed");
    assert_eq!(database.until_probe(), Some(Duration::from_secs(2)));
    sleep(Duration::from_secs(2)).await;
    assert_eq!((query(true, 0).await, probes()), (FAILED, 1));
    WELL.store(true, Ordering::Relaxed);
    sleep(Duration::from_secs(2)).await;
    assert_eq!((query(false, 0).await, probes()), (DOWN, 1));
    for _ in 0..10 {
        assert_eq!(query(false, 0).await, DOWN);
    }
    failsafe::settings::reset();
    assert_eq!((query(false, 0).await, query(false, 0).await), (DOWN, FAILED));
    database.reset();
}

/// One who watches hears of another time between probes.
#[tokio::test(start_paused = true)]
async fn a_watch_takes_the_change() {
    let _alone = Alone::new().await;
    let database = registry().fail_fast("live database").unwrap();
    database.reset();
    probes();
    WELL.store(true, Ordering::Relaxed);
    let watch = tokio::spawn({
        let database = database.clone();
        async move { database.watch().await }
    });
    apply("[fail_fast.\"live database\"]\nevery = \"1h\"");
    database.fail();
    sleep(Duration::from_secs(60)).await;
    assert!(database.is_failed());
    apply("[fail_fast.\"live database\"]\nevery = \"61s\"");
    sleep(Duration::from_secs(2)).await;
    assert_eq!((database.is_failed(), probes()), (false, 1));
    watch.abort();
}

#[tokio::test(start_paused = true)]
async fn a_fail_fast_that_is_off() {
    let _alone = Alone::new().await;
    let database = registry().fail_fast("live database").unwrap();
    database.reset();
    database.fail();
    let mut events = subscribe();
    apply("[fail_fast]\nenabled = false");
    heard();
    probes();
    sleep(Duration::from_secs(60)).await;
    assert_eq!((query(false, 0).await, query(true, 0).await), (DOWN, Ok(1)));
    assert_eq!((told(&mut events, "fail_fast"), heard(), probes()), (vec![], 0, 0));
    database.reset();
    for _ in 0..10 {
        assert_eq!(query(false, 0).await, DOWN);
    }
    assert_eq!((database.failures(), database.is_failed()), (0, false));
    failsafe::settings::reset();
    // Switched while the call runs: its outcome counts no more.
    let call = tokio::spawn(query(false, 1));
    sleep(Duration::from_millis(500)).await;
    registry().disable("fail_fast", "live database").unwrap();
    assert_eq!((call.await.unwrap(), database.failures()), (DOWN, 0));
}

/// It tells whom it would refuse, and the call that would probe finds out by itself.
#[tokio::test(start_paused = true)]
async fn a_fail_fast_that_observes() {
    let _alone = Alone::new().await;
    let database = registry().fail_fast("live database").unwrap();
    database.reset();
    apply("[fail_fast]\nobserve = true");
    heard();
    probes();
    WELL.store(false, Ordering::Relaxed);
    for _ in 0..3 {
        assert_eq!(query(false, 0).await, DOWN);
    }
    assert!(database.is_failed());
    let mut events = subscribe();
    let refused = What::Rejected(Kind::FailFast);
    assert_eq!((query(true, 0).await, query(false, 0).await), (Ok(1), DOWN));
    assert_eq!((told(&mut events, "fail_fast"), heard()), (vec![refused; 2], 2));
    assert!(database.try_acquire().is_some() && database.is_failed());
    sleep(Duration::from_secs(10)).await;
    told(&mut events, "fail_fast");
    // Dropped, it leaves its turn to the next.
    drop(tokio::time::timeout(Duration::from_millis(1), query(true, 1)).await);
    assert_eq!(query(false, 0).await, DOWN);
    assert_eq!(told(&mut events, "fail_fast"), [What::Failure, refused]);
    sleep(Duration::from_secs(10)).await;
    assert_eq!((query(true, 0).await, database.is_failed(), probes()), (Ok(1), false, 0));
    assert_eq!(told(&mut events, "fail_fast"), [What::Success, What::Recovered]);
    failsafe::settings::reset();
    database.fail();
    assert_eq!(query(true, 0).await, FAILED);
    database.reset();
}

#[test]
fn a_blocking_fail_fast_is_switched_too() {
    let _alone = Alone::blocking();
    let database = registry().fail_fast("live blocking database").unwrap();
    database.reset();
    let time = VirtualTime::new();
    let query = |ok| time.blocking(|| query_blocking(ok));
    assert_eq!((query(false), query(true)), (DOWN, FAILED));
    apply("[fail_fast]\nenabled = false");
    assert_eq!((query(false), query(true)), (DOWN, Ok(1)));
    apply("[fail_fast]\nobserve = true");
    assert_eq!((query(false), query(true)), (DOWN, Ok(1)));
    failsafe::settings::reset();
    assert_eq!(query(true), FAILED);
}

/// Each key follows the attribute, also one that is there already.
#[tokio::test(start_paused = true)]
async fn the_fail_fasts_of_keys_follow_their_declaration() {
    let _alone = Alone::new().await;
    registry().reset();
    assert_eq!((of_tenant("a", false).await, of_tenant("a", true).await), (DOWN, FAILED));
    apply("[fail_fast.\"live tenants\"]\nenabled = false");
    assert_eq!((of_tenant("a", true).await, of_tenant("b", false).await), (Ok(1), DOWN));
    apply("[fail_fast.\"live tenants\"]\nfailures = 2");
    assert_eq!(of_tenant("a", true).await, FAILED);
    assert_eq!((of_tenant("b", false).await, of_tenant("b", false).await), (DOWN, DOWN));
    assert_eq!(of_tenant("b", true).await, FAILED);
    registry().reset();
    runs();
}
