//! What the policies do, through the attributes, on paused time.
//!
//! Comments name what a test shows: `GO` are lines of the test catalogue of failsafe-go, `RT`, `CB`, `TO`, `FB` facts of
//! the TCK of `MicroProfile`. What has no test is in `docs/conformance.md`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    reason = "conditions, conversions and fallbacks have the signatures that the attributes ask for"
)]

#[macro_use]
#[path = "behaviour/support.rs"]
mod support;

mod behaviour {
    mod adaptive_limiter;
    mod adaptive_limiter_guards;
    mod adaptive_limiter_loads;
    mod adaptive_limiter_priority;
    mod adaptive_throttler;
    mod attempt;
    mod breaker_calls;
    mod breaker_table;
    mod budget;
    mod bulkhead;
    mod bulkhead_and_breaker;
    mod bulkhead_tck;
    mod cache;
    mod cache_single_flight;
    mod cancellation;
    mod circuit_breaker;
    mod composition;
    mod concurrency;
    mod conditions;
    mod dropped;
    mod edges;
    mod events;
    mod executor;
    mod fail_fast;
    mod fail_fast_probe;
    mod fallback;
    mod feature_toggle;
    mod hedge;
    mod instances;
    mod keyed;
    mod listeners;
    mod listeners_go;
    mod named_stacks;
    mod panics;
    mod priority;
    mod rate_limiter;
    mod registry;
    mod resilient;
    mod resilient_traits;
    mod retry;
    mod retry_delays;
    mod retry_nested;
    mod returns;
    mod steps;
    mod timeout;
    mod timeout_nested;
}
