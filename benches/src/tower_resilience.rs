//! tower-resilience 0.13, its layers around a `service_fn`.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tower::{Layer, Service, service_fn};
use tower_resilience::adaptive::{AdaptiveLimiterLayer, Aimd};
use tower_resilience::bulkhead::BulkheadLayer;
use tower_resilience::cache::CacheLayer;
use tower_resilience::circuitbreaker::{
    CircuitBreakerError, CircuitBreakerLayer, DefaultClassifier,
};
use tower_resilience::fallback::FallbackLayer;
use tower_resilience::hedge::HedgeLayer;
use tower_resilience::ratelimiter::RateLimiterLayer;
use tower_resilience::retry::{ExponentialBackoff, RetryLayer};
use tower_resilience::timelimiter::{FixedTimeout, TimeLimiterError, TimeLimiterLayer};

use crate::case::{Case, Contender, Group};
use crate::op::{Body, Error, Ready, Yields};
use crate::settings::{
    FAILURES, FIRST_DELAY, HEDGE, LIMITS, MAX_DELAY, MAX_RETRIES, OPEN_FOR, PERMITS, PLACES,
    TIMEOUT, VALUES,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(Group::CircuitBreaker, breaker().layer(service_fn(Ready::run))),
        case(Group::Retry, retry().layer(service_fn(Ready::run))),
        case(Group::TimeoutReady, timeout().layer(service_fn(Ready::run))),
        case(Group::TimeoutYield, timeout().layer(service_fn(Yields::run))),
        case(Group::RateLimiter, rate_limiter().layer(service_fn(Ready::run))),
        case(Group::Bulkhead, bulkhead().layer(service_fn(Ready::run))),
        case(Group::Fallback, FallbackLayer::value(0).layer(service_fn(Ready::run))),
        case(Group::Hedge, hedge().layer(service_fn(Ready::run))),
        case(Group::CacheHit, cache().layer(service_fn(Ready::run))),
        case(Group::AdaptiveLimiter, adaptive_limiter().layer(service_fn(Ready::run))),
        case(Group::Stack, stack::<Ready>()),
        case(Group::StackYield, stack::<Yields>()),
    ]
}

/// Calls one instance again and again, the cheapest way to use a tower service: cloning it per request, as many servers
/// do, would cost more.
fn case<S>(group: Group, mut service: S) -> Case
where
    S: Service<u64, Response = u64, Error: std::fmt::Debug> + 'static,
{
    Case::new(group, Contender::TowerResilience, move |i| {
        let ready = service.poll_ready(&mut Context::from_waker(Waker::noop()));
        assert!(
            matches!(ready, Poll::Ready(Ok(()))),
            "a closed breaker over an idle service is ready at once"
        );
        service.call(i)
    })
}

type StackError = CircuitBreakerError<TimeLimiterError<Error>>;

pub(crate) fn stack<B: Body>() -> impl Service<u64, Response = u64, Error = StackError> {
    retry().layer(breaker().layer(timeout().layer(service_fn(B::run))))
}

fn retry<E: 'static>() -> RetryLayer<u64, u64, E> {
    RetryLayer::builder()
        .max_attempts(MAX_RETRIES as usize + 1)
        .backoff(ExponentialBackoff::new(FIRST_DELAY).max_interval(MAX_DELAY))
        .build()
}

fn breaker() -> CircuitBreakerLayer<DefaultClassifier> {
    CircuitBreakerLayer::builder()
        .consecutive_failures(FAILURES as usize)
        .wait_duration_in_open(OPEN_FOR)
        .build()
        .expect("the settings are in range")
}

fn timeout() -> TimeLimiterLayer<FixedTimeout> {
    TimeLimiterLayer::builder().timeout_duration(TIMEOUT).build()
}

fn rate_limiter() -> RateLimiterLayer {
    RateLimiterLayer::builder()
        .limit_for_period(PERMITS as usize)
        .refresh_period(Duration::from_secs(1))
        .timeout_duration(Duration::ZERO)
        .build()
        .expect("the settings are in range")
}

fn bulkhead() -> BulkheadLayer {
    BulkheadLayer::builder()
        .max_concurrent_calls(PLACES)
        .reject_when_full()
        .build()
        .expect("the settings are in range")
}

fn hedge() -> HedgeLayer {
    HedgeLayer::builder().delay(HEDGE).max_hedged_attempts(2).build()
}

fn cache() -> CacheLayer<u64, u64> {
    CacheLayer::builder()
        .max_size(1000)
        .key_extractor(|i: &u64| i % VALUES)
        .build()
        .expect("the settings are in range")
}

/// It has no limiter that compares latencies with what they were, as ours does: this is its quicker one.
fn adaptive_limiter() -> AdaptiveLimiterLayer<Aimd> {
    let (most, first) = LIMITS;
    let limits = Aimd::builder().initial_limit(first).min_limit(1).max_limit(most).build();
    AdaptiveLimiterLayer::new(limits.expect("the settings are in range"))
}
