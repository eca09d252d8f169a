//! Scenarios of policies that stand on one function.

use failsafe::{
    Bulkhead, Cache, CircuitBreaker, Fallback, Hedge, Kind, RateLimiter, Retry, Timeout, bulkhead,
    cache, circuit_breaker, fallback, hedge, rate_limiter, registry, retry, timeout,
};

use crate::harness::*;

const OPEN: Res = rejected(Kind::CircuitOpen);
const TIMED_OUT: Res = rejected(Kind::Timeout);
const LIMITED: Res = rejected(Kind::RateLimited);

forms! {
    async retry_breaker_timeout,
    #[retry(max = 3, delay = "50ms")]
    #[circuit_breaker(name = "forms: 3 of 5", failures = "3/5", delay = "1s")]
    #[timeout("100ms")],
    (
        Retry::builder().max(3).delay("50ms").build(),
        CircuitBreaker::builder().name("forms: 3 of 5").failures("3/5").delay("1s").build(),
        Timeout::builder("100ms").build(),
    ),
}

// Each attempt has its limit and is counted by the breaker; when that opens, the retries that are left meet it.
#[test]
fn retry_over_breaker_over_timeout() {
    check(
        &retry_breaker_timeout::forms(),
        [
            call("S200 F20 S", Ok(3))
                .of(3, 3)
                .took(100 + 50 + 20 + 50)
                .told(&[
                    "timeout timeout after 100ms",
                    "circuit_breaker failure",
                    "retry failure",
                    "retry retry_scheduled in 50ms",
                    "retry retry",
                    "circuit_breaker failure",
                    "retry failure",
                    "retry retry_scheduled in 50ms",
                    "retry retry",
                    "circuit_breaker success",
                    "retry success",
                ])
                .into(),
            shows("failures", "2"),
            call("S S", Ok(1)).into(),
            // The third failure of five opens it.
            call("S200", OPEN).of(4, 1).took(100 + 3 * 50).into(),
            shows("state", "open"),
            pass(1_000),
            call("S", Ok(1)).into(),
            shows("state", "half_open"),
        ],
    );
}

forms! {
    retry_breaker,
    #[retry(max = 6)]
    #[circuit_breaker(name = "forms: three", failures = 3)],
    (
        Retry::builder().max(6).build(),
        CircuitBreaker::builder().name("forms: three").failures(3).build(),
    ),
}

// GO Breaker: retry 7 + breaker 3: 7/3, 6 retries, ending in "breaker open".
#[test]
fn retry_over_breaker() {
    check(
        &retry_breaker::forms(),
        [
            call("F", OPEN).of(7, 3).into(),
            hand("it is closed", || registry().circuit_breaker("forms: three").unwrap().close()),
            call("F F S", Ok(3)).of(3, 3).into(),
        ],
    );
}

forms! {
    retry_limiter,
    #[retry(attempts = 7)]
    #[rate_limiter(name = "forms: burst of 3", bursty = "3/1s")],
    (
        Retry::builder().attempts(7).build(),
        RateLimiter::bursty("3/1s").name("forms: burst of 3").build(),
    ),
}

// GO 17: Retry 7(RateLimiter bursty 3): 7/3, "rate limit exceeded".
#[test]
fn retry_over_rate_limiter() {
    check(
        &retry_limiter::forms(),
        [
            call("F", LIMITED).of(7, 3).into(),
            pass(1_000),
            call("F F S", Ok(3)).of(3, 3).into(),
            call("S", LIMITED).of(7, 0).into(),
        ],
    );
}

forms! {
    retry_bulkhead,
    #[retry(attempts = 7, handle_rejected(Kind::BulkheadFull))]
    #[bulkhead(1, name = "forms: full")],
    (
        Retry::builder().attempts(7).handle_rejected::<Res>(|kind| kind == Kind::BulkheadFull).build(),
        Bulkhead::builder(1).name("forms: full").build(),
    ),
}

// GO 17: Retry 7(full Bulkhead): 7/0. The call inside finds the place taken by the one that made it, seven times.
#[test]
fn retry_over_a_full_bulkhead() {
    check(
        &retry_bulkhead::forms(),
        [
            call("N S", rejected(Kind::BulkheadFull))
                .told(
                    &[
                        &["bulkhead rejected: bulkhead full", "retry failure"][..],
                        &[
                            "retry retry_scheduled in 0ns",
                            "retry retry",
                            "bulkhead rejected: bulkhead full",
                            "retry failure",
                        ]
                        .repeat(6),
                        &["retry retries_exceeded", "retry success"],
                    ]
                    .concat(),
                )
                .into(),
            shows("in_flight", "0"),
        ],
    );
}

forms! {
    fallback_cache_retry,
    #[fallback(value = Ok(100))]
    #[cache(key = 7_u32, name = "forms: answers")]
    #[retry(max = 2)],
    (
        Fallback::value(Res::Ok(100)).build(),
        Cache::<u32, u32>::builder().name("forms: answers").build().for_key(7),
        Retry::builder().max(2).build(),
    ),
}

// GO 17: Cache(Retry): 3/3, then hit 1/0. What the fallback answers is not kept.
#[test]
fn fallback_over_cache_over_retry() {
    check(
        &fallback_cache_retry::forms(),
        [
            call("F", Ok(100)).of(3, 3).into(),
            shows("entries", "0"),
            call("F F S", Ok(3)).of(3, 3).into(),
            call("F", Ok(3)).of(1, 0).told(&["cache hit", "fallback success"]).into(),
        ],
    );
}

forms! {
    async timeout_hedge,
    #[timeout("100ms")]
    #[hedge("10ms", max = 2, name = "forms: bounded")],
    (Timeout::builder("100ms").build(), Hedge::builder("10ms").name("forms: bounded").max(2).build()),
}

// GO 6.4: Timeout 100(Hedge 10 ms x2) with a function of 1 s: 3 attempts, 1 expiry, 2 hedges.
#[test]
fn timeout_over_hedge() {
    check(
        &timeout_hedge::forms(),
        [
            call("S1000", TIMED_OUT)
                .of(3, 3)
                .took(100)
                .told(&["hedge hedge", "hedge hedge", "timeout timeout after 100ms"])
                .into(),
            call("S1000 S1000 S50", Ok(3)).of(3, 3).took(70).into(),
            call("S5", Ok(1)).took(5).into(),
        ],
    );
}

forms! {
    limiter_breaker,
    #[rate_limiter(name = "forms: limiter", bursty = "2/1s")]
    #[circuit_breaker(name = "forms: one", failures = 2, delay = "10s")],
    (
        RateLimiter::bursty("2/1s").name("forms: limiter").build(),
        CircuitBreaker::builder().name("forms: one").failures(2).delay("10s").build(),
    ),
}

// Calls that the limiter refuses are none to the breaker; calls that the breaker refuses have had their permit.
#[test]
fn limiter_over_breaker() {
    check(
        &limiter_breaker::forms(),
        [
            call("F", DOWN).into(),
            call("S", Ok(1)).into(),
            call("F", LIMITED).of(1, 0).into(),
            shows("failures", "1"),
            pass(1_000),
            call("F", DOWN).into(),
            call("F", DOWN).into(),
            pass(1_000),
            call("S", OPEN).of(1, 0).into(),
            call("S", OPEN).of(1, 0).into(),
            call("S", LIMITED).of(1, 0).into(),
        ],
    );
}

forms! {
    everything,
    #[fallback(value = Ok(100), handle_rejected(Kind::RateLimited | Kind::CircuitOpen))]
    #[retry(max = 1, delay = "10ms")]
    #[rate_limiter(name = "forms: all, limiter", bursty = "4/1s")]
    #[circuit_breaker(name = "forms: all, breaker", failures = 3)]
    #[bulkhead(1, name = "forms: all, bulkhead")],
    (
        Fallback::<Res>::with(|_| Ok(100))
            .handle_rejected(|kind| matches!(kind, Kind::RateLimited | Kind::CircuitOpen))
            .build(),
        Retry::builder().max(1).delay("10ms").build(),
        RateLimiter::bursty("4/1s").name("forms: all, limiter").build(),
        CircuitBreaker::builder().name("forms: all, breaker").failures(3).build(),
        Bulkhead::builder(1).name("forms: all, bulkhead").build(),
    ),
}

// GO 1.12: the recommended order, from the inside outwards.
#[test]
fn everything_over_everything() {
    check(
        &everything::forms(),
        [
            call("F", DOWN).of(2, 2).took(10).into(),
            call("S", Ok(1)).into(),
            call("F", Ok(100)).of(2, 1).took(10).into(),
            pass(1_000),
            call("F", DOWN).of(2, 2).took(10).into(),
            shows("state", "open"),
            call("S", Ok(100)).of(2, 0).took(10).into(),
        ],
    );
}
