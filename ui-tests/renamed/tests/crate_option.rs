//! `crate = resilience` on every policy, on a stack, on a block, on a trait, and inside `macro_rules!`.

#![forbid(unsafe_code)]
#![deny(warnings)]

use resilience::{
    adaptive_limiter, adaptive_throttler, bulkhead, cache, circuit_breaker, fail_fast, fallback,
    feature_toggle, hedge, policies, policy, rate_limiter, resilient, retry, timeout, Budget,
    CircuitBreaker, Prioritizer, Rejected,
};
use std::time::Duration;

type Answer = Result<u32, Rejected>;

const LIMIT: Duration = Duration::from_secs(1);

static BREAKER: CircuitBreaker = policy!(circuit_breaker(failures = 3, crate = resilience));
static BUDGET: Budget = policy!(budget(max_rate = "20%", crate = resilience));
static SHEDDING: Prioritizer = policy!(prioritizer(window = 10, crate = ::resilience));

resilience::stack! {
    /// How calls are made.
    CAREFULLY =
        #[retry(max = 1, crate = resilience)]
        #[timeout(crate::LIMIT)]
}

#[fallback(value = Ok(0), handle(Err(_)), on_fallback = |_| {}, crate = resilience)]
#[retry(max = 3, budget = BUDGET, handle_rejected(Kind::Timeout))]
#[hedge("50ms", max = 2, cancel(Ok(_)))]
#[circuit_breaker(BREAKER, handle(Err(_)))]
#[timeout("1s")]
async fn stacked(id: u32) -> Answer {
    Ok(id)
}

#[retry(max = 1, backoff = "1s..10s", jitter = 0.1, abort_if = |_| false, crate = resilience)]
fn retried(id: u32) -> Answer {
    Ok(id)
}

#[circuit_breaker(failures = "20% of 5 in 1m", on_open = |_| {}, crate = resilience)]
async fn broken(id: u32) -> Answer {
    Ok(id)
}

#[timeout(LIMIT, crate = resilience)]
async fn limited(id: u32) -> Answer {
    Ok(id)
}

#[rate_limiter(bursty = "100/s", wait = "1s", key = id, crate = resilience)]
async fn paced(id: u32) -> Answer {
    Ok(id)
}

#[bulkhead(10, wait = "1s", on_full = |_| {}, crate = resilience)]
async fn placed(id: u32) -> Answer {
    Ok(id)
}

#[feature_toggle(name = "renamed", when = || true, otherwise = Ok(0), crate = resilience)]
fn toggled(id: u32) -> Answer {
    Ok(id)
}

#[fail_fast(failures = 3, probe = async || true, every = "1s", crate = resilience)]
async fn probed(id: u32) -> Answer {
    Ok(id)
}

#[hedge(quantile = 0.9, budget = BUDGET, crate = resilience)]
async fn hedged(id: u32) -> Answer {
    Ok(id)
}

#[cache(key = id, ttl = "1m", capacity = 10, crate = resilience)]
async fn cached(id: u32) -> Answer {
    Ok(id)
}

#[adaptive_throttler(failure_rate = "10% in 1m", prioritizer = SHEDDING, crate = resilience)]
async fn throttled(id: u32) -> Answer {
    Ok(id)
}

#[adaptive_limiter(limits = "1..10", queue = "2..3", prioritizer = SHEDDING, crate = resilience)]
async fn adapted(id: u32) -> Answer {
    Ok(id)
}

#[policies(CAREFULLY, crate = resilience)]
async fn named(id: u32) -> Answer {
    Ok(id)
}

struct Client;

#[resilient(retry(max = 1), timeout("1s"), crate = resilience)]
impl Client {
    async fn by_default(&self, id: u32) -> Answer {
        Ok(id)
    }
}

#[resilient(retry(max = 1), crate = resilience)]
trait Service: Send + Sync {
    async fn load(&self, id: u32) -> Answer;
}

impl Service for Client {
    async fn load(&self, id: u32) -> Answer {
        Ok(id)
    }
}

macro_rules! client {
    ($name:ident, $krate:path, $max:literal, $delay:expr, $failure:pat, $key:expr, $of:ty, $body:block) => {
        #[retry(max = $max, delay = $delay, handle($failure), crate = $krate)]
        #[rate_limiter(smooth = "100/s", key = $key)]
        #[circuit_breaker(BREAKER)]
        async fn $name(_id: $of) -> Answer $body
    };
}

client!(written, resilience, 2, Duration::from_millis(5), Err(_), std::process::id(), u32, {
    Ok(7)
});

#[tokio::test(start_paused = true)]
async fn they_run() {
    let async_answers = [
        stacked(7).await,
        broken(7).await,
        limited(7).await,
        paced(7).await,
        placed(7).await,
        probed(7).await,
        hedged(7).await,
        cached(7).await,
        throttled(7).await,
        adapted(7).await,
        named(7).await,
        Client.by_default(7).await,
        ResilientService::new(Client).load(7).await,
        written(7).await,
        retried(7),
        toggled(7),
    ];
    for (at, answer) in async_answers.into_iter().enumerate() {
        assert_eq!(answer.ok(), Some(7), "{at}");
    }
}
