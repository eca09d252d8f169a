//! Ours: the attributes, as a user writes them, with the values of [`crate::settings`] as literals.

use crate::case::{Case, Contender, Group};
use crate::op::{Body, Error, Ready, Yields};

impl From<failsafe::Rejected> for Error {
    fn from(_: failsafe::Rejected) -> Self {
        Self::Rejected
    }
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new(Group::CircuitBreaker, Contender::Ours, circuit_breaker::<Ready>),
        Case::new(Group::Retry, Contender::Ours, retry::<Ready>),
        Case::new(Group::TimeoutReady, Contender::Ours, timed::<Ready>),
        Case::new(Group::TimeoutYield, Contender::Ours, timed::<Yields>),
        Case::new(Group::RateLimiter, Contender::Ours, rate_limiter::<Ready>),
        Case::new(Group::Bulkhead, Contender::Ours, bulkhead::<Ready>),
        Case::new(Group::Fallback, Contender::Ours, fallback::<Ready>),
        Case::new(Group::FeatureToggle, Contender::Ours, feature_toggle::<Ready>),
        Case::new(Group::FailFast, Contender::Ours, fail_fast::<Ready>),
        Case::new(Group::Hedge, Contender::Ours, hedge::<Ready>),
        Case::new(Group::CacheHit, Contender::Ours, cached::<Ready>),
        Case::new(Group::AdaptiveLimiter, Contender::Ours, adaptive_limiter::<Ready>),
        Case::new(Group::AdaptiveThrottler, Contender::Ours, adaptive_throttler::<Ready>),
        Case::new(Group::Stack, Contender::Ours, stack::<Ready>),
        Case::new(Group::StackYield, Contender::Ours, stack::<Yields>),
    ]
}

#[failsafe::circuit_breaker(failures = 5, delay = "30s")]
async fn circuit_breaker<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::retry(max = 2, backoff = "100ms..1s")]
async fn retry<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::timeout("1s")]
async fn timed<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::rate_limiter(bursty = "1000000000/s")]
async fn rate_limiter<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::bulkhead(10)]
async fn bulkhead<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::fallback(value = Ok(0))]
async fn fallback<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::feature_toggle]
async fn feature_toggle<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::fail_fast(failures = 5)]
async fn fail_fast<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::hedge("1s")]
async fn hedge<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::cache(key = i % 8)]
async fn cached<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::adaptive_limiter(limits = "1..200")]
async fn adaptive_limiter<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::adaptive_throttler]
async fn adaptive_throttler<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::retry(max = 2, backoff = "100ms..1s")]
#[failsafe::circuit_breaker(failures = 5, delay = "30s")]
#[failsafe::timeout("1s")]
pub(crate) async fn stack<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}
