//! What people put together today: backon for the retry, failsafe 1.3 for the breaker, tokio for the timeout and for places,
//! governor for a rate.

use backon::{ExponentialBuilder, Retryable};
use failsafe_peer::backoff::{Constant, constant};
use failsafe_peer::failure_policy::{ConsecutiveFailures, consecutive_failures};
use failsafe_peer::futures::CircuitBreaker as _;
use failsafe_peer::{Config, StateMachine};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::case::{Case, Contender, Group};
use crate::op::{Body, Error, Ready, Yields};
use crate::settings::{
    FAILURES, FIRST_DELAY, MAX_DELAY, MAX_RETRIES, OPEN_FOR, PERMITS, PLACES, TIMEOUT,
};

type Breaker = StateMachine<ConsecutiveFailures<Constant>, ()>;

// backon calls its retries "times". No jitter unless asked for.
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_factor(2.0)
    .with_min_delay(FIRST_DELAY)
    .with_max_delay(MAX_DELAY)
    .with_max_times(MAX_RETRIES as usize);

pub(crate) fn cases() -> Vec<Case> {
    let (single, ready, yields) = (breaker(), breaker(), breaker());
    vec![
        Case::new(Group::CircuitBreaker, Contender::Assembled, move |i| single.call(Ready::run(i))),
        Case::new(Group::Retry, Contender::Assembled, retry::<Ready>),
        Case::new(Group::TimeoutReady, Contender::Assembled, timed::<Ready>),
        Case::new(Group::TimeoutYield, Contender::Assembled, timed::<Yields>),
        Case::new(Group::RateLimiter, Contender::Assembled, {
            let limiter = rate_limiter();
            move |i| limited::<Ready>(limiter, i)
        }),
        Case::new(Group::Bulkhead, Contender::Assembled, bulkhead::<Ready>),
        Case::new(Group::Stack, Contender::Assembled, move |i| stack::<Ready>(ready, i)),
        Case::new(Group::StackYield, Contender::Assembled, move |i| stack::<Yields>(yields, i)),
    ]
}

/// Leaked, as a `static` would be: the futures may then borrow it.
pub(crate) fn breaker() -> &'static Breaker {
    let policy = consecutive_failures(FAILURES, constant(OPEN_FOR));
    Box::leak(Box::new(Config::new().failure_policy(policy).build()))
}

async fn retry<B: Body>(i: u64) -> Result<u64, Error> {
    (|| B::run(i)).retry(BACKOFF).await
}

async fn timed<B: Body>(i: u64) -> Result<u64, Error> {
    timeout(TIMEOUT, B::run(i)).await.unwrap_or(Err(Error::TimedOut))
}

/// Leaked, as a `static` would be.
fn rate_limiter() -> &'static DefaultDirectRateLimiter {
    let permits = NonZeroU32::new(PERMITS).expect("some");
    Box::leak(Box::new(RateLimiter::direct(Quota::per_second(permits))))
}

async fn limited<B: Body>(limiter: &DefaultDirectRateLimiter, i: u64) -> Result<u64, Error> {
    limiter.check().map_err(|_| Error::Rejected)?;
    B::run(i).await
}

async fn bulkhead<B: Body>(i: u64) -> Result<u64, Error> {
    static PLACE: Semaphore = Semaphore::const_new(PLACES);

    let _permit = PLACE.try_acquire().map_err(|_| Error::Rejected)?;
    B::run(i).await
}

pub(crate) async fn stack<B: Body>(breaker: &'static Breaker, i: u64) -> Result<u64, Error> {
    (|| async {
        breaker.call(timed::<B>(i)).await.map_err(|e| match e {
            failsafe_peer::Error::Inner(e) => e,
            failsafe_peer::Error::Rejected => Error::CircuitOpen,
        })
    })
    .retry(BACKOFF)
    .await
}
