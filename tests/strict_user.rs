//! A user's crate with every lint on: what the attributes expand to adds no warning of its own.
#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    missing_debug_implementations,
    single_use_lifetimes,
    clippy::pedantic,
    clippy::allow_attributes_without_reason
)]

use failsafe::circuit_breaker::State;
use failsafe::{
    Budget, Bulkhead, CircuitBreaker, FailFast, Failure, Prioritizer, Priority, Rejected, Retry,
    adaptive_limiter, adaptive_throttler, bulkhead, cache, circuit_breaker, fail_fast, fallback,
    feature_toggle, hedge, rate_limiter, retry, timeout,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The other side answered with this status.
    #[error("status {0}")]
    Status(u16),
    /// A policy refused the call or gave up on it.
    #[error(transparent)]
    Rejected(#[from] Rejected),
}

/// An instance in a static.
pub static SHARED: CircuitBreaker =
    failsafe::policy!(circuit_breaker(name = "strict", failures = "3/5", delay = "30s"));

/// A retry in a static.
pub static TWICE: Retry = failsafe::policy!(retry(max = 1, delay = "10ms"));

failsafe::stack! {
    /// How every call is made.
    pub CAREFULLY =
        #[fallback(with = |failure| Ok(format!("{failure:?}")), on_fallback = |event| crate::log(event.name()))]
        #[retry(max = 3, backoff = "10ms..100ms", handle_rejected(Kind::Timeout))]
        #[circuit_breaker(name = "strict-stack", failures = 5, on_open = |event| crate::log(event.name()))]
        #[timeout(crate::LIMIT)]
}

/// A fail-fast in a static, with its probe.
pub static UPSTREAM: FailFast = failsafe::policy!(fail_fast(
    name = "strict upstream",
    failures = 3,
    probe = is_up,
    every = LIMIT,
    on_failed = |event| log(event.name()),
));

#[allow(clippy::unused_async, reason = "a probe is asynchronous")]
async fn is_up() -> Result<bool, Error> {
    Ok(true)
}

/// A prioritizer in a static.
pub static SHEDDING: Prioritizer = failsafe::policy!(prioritizer(
    window = 100,
    every = "1s",
    usage_window = "1m",
    max_users = 100,
    on_threshold_changed = |event| log(event.name()),
));

/// What retries and hedges may cost.
pub static EXTRA: Budget = failsafe::policy!(budget(
    name = "strict",
    max_rate = "20%",
    min_concurrency = 3,
    on_budget_exceeded = |event| log(event.name()),
));

/// Places that functions share.
pub static PLACES: Bulkhead = failsafe::policy!(bulkhead(10, wait = "1s", queue = 5));

const LIMIT: Duration = Duration::from_secs(2);

/// A client of another service.
#[derive(Debug, Default)]
pub struct Client {
    calls: AtomicU32,
    breaker: Option<Arc<CircuitBreaker>>,
}

impl Client {
    /// A fail-fast with every kind of option.
    ///
    /// # Errors
    ///
    /// Those of the other side.
    #[fail_fast(
        failures = 2,
        probe = async || self.calls.load(Ordering::Relaxed) < id,
        every = "10s",
        when = || id == 0,
        handle(Err(Error::Status(500..))),
        handle_if = |outcome| matches!(outcome, Err(Error::Rejected(_))),
        key = id % 8,
        on_failed = |event| log(event.name()),
        on_recovered = |event| self.count(event.failures()),
        on_fail_fast = |event| self.count(event.attempts()),
    )]
    pub async fn fast(&self, id: u32) -> Result<u32, Error> {
        tokio::task::yield_now().await;
        Ok(id)
    }

    /// One beside an instance.
    ///
    /// # Errors
    ///
    /// Those of the other side.
    #[fail_fast(UPSTREAM, probe = || id > 3)]
    pub fn fast_blocking(&self, id: u32) -> Result<u32, Error> {
        self.count(id);
        Ok(id)
    }

    fn count(&self, number: u32) {
        self.calls.fetch_add(number, Ordering::Relaxed);
    }

    /// How often it may try.
    pub const ATTEMPTS: u32 = 2;

    /// All policies, with every kind of option.
    ///
    /// # Errors
    ///
    /// None: the fallback answers.
    #[fallback(with = |failure| Ok(self.answer(id, &failure)), on_fallback = |event| log(event.name()))]
    #[retry(
        max = 3,
        backoff = "10ms..100ms",
        factor = 1.5,
        jitter = 0.2,
        max_duration = "1m",
        handle(Err(Error::Status(503))),
        handle_if = |outcome| matches!(outcome, Err(Error::Status(500))),
        handle_rejected(Kind::Timeout | Kind::CircuitOpen),
        abort(Err(Error::Status(400))),
        delay_with = |outcome| outcome.is_ok().then_some(Duration::ZERO),
        on_retry_scheduled = |event| log(event.name()),
        on_retry = |event| log(event.name()),
    )]
    #[circuit_breaker(
        name = "strict-client",
        failures = "20% of 5 in 1m",
        successes = 2,
        delay = "30s",
        slow = "1s",
        on_open = |event| log(event.name()),
        on_state_changed = |event| self.note(event.to()),
    )]
    #[timeout(LIMIT)]
    pub async fn get(&self, id: u64) -> Result<String, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        if id == 0 { Err(Error::Status(503)) } else { Ok(id.to_string()) }
    }

    /// Consumes an argument and changes itself.
    ///
    /// # Errors
    ///
    /// When no attempt succeeds.
    #[retry(attempts = Self::ATTEMPTS)]
    #[circuit_breaker(SHARED)]
    pub async fn put(&mut self, value: String) -> Result<usize, Error> {
        self.breaker = None;
        tokio::task::yield_now().await;
        Ok(value.len())
    }

    /// Blocks.
    ///
    /// # Errors
    ///
    /// When no attempt succeeds.
    #[retry(TWICE)]
    #[circuit_breaker(failures = 3)]
    pub fn blocking(&self, id: u64) -> Result<u64, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if id == 0 { Err(Error::Status(500)) } else { Ok(id) }
    }

    /// Sheds load.
    ///
    /// # Errors
    ///
    /// When it is refused.
    #[retry(max = 1)]
    #[adaptive_throttler(
        name = "strict-search",
        failure_rate = "10% of 20 in 1m",
        max_rejection = 0.5,
        handle(Err(Error::Status(_))),
        handle_rejected(Kind::Timeout),
        prioritizer = SHEDDING,
        priority = Priority::Low,
        level = level,
        user = user,
        key = user.len(),
        max_keys = 10,
        on_throttled = |event| log(event.name()),
        on_failure = |event| log(event.name()),
    )]
    pub async fn search(&self, user: &str, level: Option<u16>) -> Result<usize, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        let words = user.as_bytes();
        if words.is_empty() { Err(Error::Status(500)) } else { Ok(words.len()) }
    }

    /// Waits for a permit, then for a place.
    ///
    /// # Errors
    ///
    /// When it is refused.
    #[feature_toggle(
        name = "strict waiting",
        enabled = true,
        when = || self.calls.load(Ordering::Relaxed) < 1000 || id == 0,
        otherwise = Ok(0),
        on_disabled = |event| log(event.name()),
    )]
    #[rate_limiter(
        name = "strict waiting",
        bursty = "100/s",
        wait = LIMIT,
        permits = 1 + u32::from(id == 0),
        key = id % 8,
        max_keys = 10,
        key_idle = "1m",
        on_rate_limited = |event| log(event.name()),
    )]
    #[bulkhead(PLACES, on_full = |event| log(event.name()))]
    #[adaptive_limiter(
        limits = "1..100",
        initial = 10,
        max_limit_with = |in_flight| in_flight * 2 + 10,
        queue = "2..3",
        wait = "1s",
        prioritizer = SHEDDING,
        priority = Priority::High,
        on_limit_changed = |event| log(event.name()),
        on_limit_exceeded = |event| self.count(event.attempts()),
    )]
    pub async fn wait(&self, id: u64) -> Result<u64, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        Ok(id)
    }

    /// Hedges what is not in the cache.
    ///
    /// # Errors
    ///
    /// Those of the other side.
    #[cache(
        name = "strict hedged",
        key = (user, id),
        ttl = "30s",
        capacity = 100,
        cache_if = |outcome| outcome.as_ref().is_ok_and(|name| !name.is_empty()),
        on_hit = |event| log(event.name()),
        on_cached = |event| log(event.name()),
    )]
    #[retry(max = 1, budget = EXTRA)]
    #[hedge(
        delay_with = |hedges| Duration::from_millis(10) * hedges,
        max = 2,
        cancel(Ok(_)),
        cancel_if = |outcome| matches!(outcome, Err(Error::Status(404))),
        budget = EXTRA,
        on_hedge = |event| self.count(event.attempts()),
    )]
    pub async fn hedged(&self, user: &str, id: u64) -> Result<Arc<str>, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        if id == 0 { Err(Error::Status(503)) } else { Ok(user.into()) }
    }

    /// Under a stack that has a name.
    ///
    /// # Errors
    ///
    /// None: the fallback answers.
    #[failsafe::policies(CAREFULLY)]
    pub async fn carefully(&self, id: u64) -> Result<String, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        Ok(id.to_string())
    }

    fn answer(&self, id: u64, failure: &Failure<Result<String, Error>>) -> String {
        let calls = self.calls.load(Ordering::Relaxed);
        format!("no {id} after {calls} calls: {failure:?}")
    }

    fn note(&self, state: State) {
        if state == State::Closed {
            self.calls.store(0, Ordering::Relaxed);
        }
    }
}

fn log(name: &str) {
    assert!(!name.is_empty());
}

/// Has no docs of the policies in its way.
///
/// # Errors
///
/// When there is none.
#[retry]
#[timeout("1s")]
pub async fn generic<T, const N: usize>(items: &[T; N]) -> Option<T>
where
    T: Clone,
{
    items.first().cloned()
}

/// Under defaults.
#[failsafe::resilient(policies(CAREFULLY), timeout("3s"))]
impl Client {
    /// Has them.
    ///
    /// # Errors
    ///
    /// None: the fallback answers.
    pub async fn by_default(&self) -> Result<String, Error> {
        tokio::task::yield_now().await;
        Ok(self.calls.load(Ordering::Relaxed).to_string())
    }

    /// Has none.
    #[must_use]
    pub const fn has_breaker(&self) -> bool {
        self.breaker.is_some()
    }
}

/// Decorated.
#[failsafe::resilient(retry(max = 1), timeout("3s"))]
pub trait Service: Send + Sync {
    /// An item.
    type Item;

    /// Waits.
    fn load(&self, id: u64) -> impl Future<Output = Result<Self::Item, Error>> + Send;

    /// Does not wait.
    fn id(&self) -> u64 {
        7
    }
}

impl Service for Client {
    type Item = String;

    async fn load(&self, id: u64) -> Result<String, Error> {
        tokio::task::yield_now().await;
        Ok(id.to_string())
    }
}

macro_rules! client {
    ($name:ident, $limit:literal, $body:block) => {
        /// Written by a macro.
        ///
        /// # Errors
        ///
        /// When it takes too long.
        #[timeout($limit)]
        pub async fn $name() -> Result<u32, Error> $body
    };
}

client!(written, "1s", { Ok(7) });

#[tokio::test(start_paused = true)]
async fn it_works_too() {
    let mut client = Client::default();
    assert_eq!(client.get(7).await.ok().as_deref(), Some("7"));
    assert!(client.get(0).await.is_ok_and(|answer| answer.starts_with("no 0 after 5 calls")));
    assert_eq!(client.carefully(7).await.ok().as_deref(), Some("7"));
    assert_eq!(client.put("four".to_owned()).await.ok(), Some(4));
    assert_eq!(client.blocking(1).ok(), Some(1));
    assert_eq!(client.by_default().await.ok().as_deref(), Some("7"));
    assert_eq!(client.search("ann", Some(7)).await.ok(), Some(3));
    assert!(client.search("", None).await.is_err());
    let other = Client::default();
    assert_eq!(other.wait(7).await.ok(), Some(7));
    assert_eq!(other.hedged("ann", 7).await.ok().as_deref(), Some("ann"));
    assert!(client.has_breaker() || ResilientService::of(&client).id() == 7);
    assert!(ResilientService::new(Client::default()).load(7).await.is_ok_and(|id| id == "7"));
    assert_eq!(generic(&["a", "b"]).await, Some("a"));
    assert_eq!(written().await.ok(), Some(7));
}
