//! The policies that the tests set, and what the tests share.

use failsafe::{Budget, Rejected, Retry, bulkhead, circuit_breaker, fallback};
use failsafe::{feature_toggle, rate_limiter, retry, timeout};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};

/// How a call ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Error {
    Down,
    Rejected(failsafe::Kind),
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected.kind())
    }
}

/// How often the bodies ran since somebody asked.
pub(crate) static RUNS: AtomicU32 = AtomicU32::new(0);

/// How often a body ran since the last question.
pub(crate) fn runs() -> u32 {
    RUNS.swap(0, Ordering::Relaxed)
}

fn fail() -> Result<u32, Error> {
    RUNS.fetch_add(1, Ordering::Relaxed);
    Err(Error::Down)
}

#[retry(name = "payments.eu", max = 1, delay = "100ms")]
pub(crate) async fn in_europe() -> Result<u32, Error> {
    fail()
}

#[retry(name = "payments.eu")]
pub(crate) async fn refers_to_europe() -> Result<u32, Error> {
    fail()
}

#[retry(name = "payments.us", backoff = "1s..10s", factor = 3, jitter = 0.1)]
pub(crate) async fn in_america() -> Result<u32, Error> {
    fail()
}

#[retry(name = "orders", max = 1, exhausted = "error", handle(Err(Error::Down)))]
pub(crate) fn blocking() -> Result<u32, Error> {
    fail()
}

#[retry(max = 1)]
pub(crate) async fn unnamed() -> Result<u32, Error> {
    fail()
}

#[retry(name = "weekly", exhausted = "error")]
pub(crate) async fn weekly() -> Result<u32, Error> {
    fail()
}

/// Known only where it is compiled.
#[retry(name = "generic", max = N, delay = "1s")]
pub(crate) async fn generic<const N: u32>() -> Result<u32, Error> {
    fail()
}

pub(crate) const LONG: Duration = Duration::from_secs(60);

#[timeout(LONG, name = "slow")]
pub(crate) async fn slow(takes: Duration) -> Result<u32, Error> {
    tokio::time::sleep(takes).await;
    Ok(1)
}

#[timeout("1s", name = "short")]
pub(crate) async fn short(takes: Duration) -> Result<u32, Error> {
    tokio::time::sleep(takes).await;
    Ok(1)
}

#[circuit_breaker(name = "svcB", failures = "3/5", delay = "1m")]
pub(crate) async fn breaker() -> Result<u32, Error> {
    fail()
}

#[bulkhead(2, name = "pool", wait = "1s")]
#[rate_limiter(name = "quota", smooth = "100/s")]
#[feature_toggle(name = "beta")]
pub(crate) async fn limited() -> Result<u32, Error> {
    fail()
}

#[fallback(value = Ok(7), name = "answer")]
pub(crate) async fn answered() -> Result<u32, Error> {
    fail()
}

#[expect(dead_code, reason = "it is declared")]
static BUDGET: Budget = failsafe::policy!(budget(name = "extra", max_rate = "50%"));
pub(crate) static SHARED: Retry = failsafe::policy!(retry(name = "shared", max = 4));

/// Two names that are one in a variable.
#[timeout("1s", name = "two.one")]
#[timeout("1s", name = "two-one")]
pub(crate) async fn twice() -> Result<u32, Error> {
    fail()
}

static ALONE: Mutex<()> = Mutex::const_new(());

/// Nobody else applies settings while this is alive, and none are in force before and after.
pub(crate) struct Alone(#[expect(dead_code, reason = "it is held")] MutexGuard<'static, ()>);

impl Alone {
    pub(crate) async fn new() -> Self {
        let alone = Self(ALONE.lock().await);
        failsafe::settings::reset();
        runs();
        alone
    }

    pub(crate) fn blocking() -> Self {
        let alone = Self(ALONE.blocking_lock());
        failsafe::settings::reset();
        runs();
        alone
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        failsafe::settings::reset();
    }
}

/// What is wrong with a TOML text, line by line.
pub(crate) fn wrong(text: &str) -> Vec<String> {
    lines(&failsafe::settings::from_toml(text).map(drop).unwrap_err())
}

pub(crate) fn lines(error: &failsafe::settings::SettingsError) -> Vec<String> {
    error.faults().iter().map(ToString::to_string).collect()
}
