//! What a policy's configuration *is*: typed options, their defaults, the text grammars
//! (`"1s..10s"`, `"3/5"`, `"20% of 5 in 1m"`), and the one check that judges them.
//!
//! One rule, three moments. The attributes ask it when they expand, so a bad literal is an error
//! at the literal; a settings file asks it when it is loaded; a builder asks it when it builds. No
//! range is written twice: every rule is a `const fn` that returns what is wrong, so the compiler
//! can ask it too, for an attribute's constant expression.
//!
//! This crate has no dependencies and no state.

mod adaptive_limiter;
mod adaptive_throttler;
mod budget;
mod bulkhead;
mod cache;
mod circuit_breaker;
mod duration;
mod fail_fast;
mod fallback;
mod fault;
mod feature_toggle;
mod hedge;
mod key;
mod literal;
mod percent;
mod prioritizer;
mod priority;
mod range;
mod rate_limiter;
mod retry;
mod spec;
mod suggest;
mod timeout;
pub mod timing;
mod value;

pub use adaptive_limiter::{AdaptiveLimiterConfig, Drift, IntoDrift, IntoFactors, IntoLimits};
pub use adaptive_throttler::{
    AdaptiveThrottlerConfig, FailureRate, IntoFailureRate, IntoMaxRejection,
};
pub use budget::{BudgetConfig, IntoMaxRate};
pub use bulkhead::BulkheadConfig;
pub use cache::CacheConfig;
pub use circuit_breaker::{CircuitBreakerConfig, Failures, IntoFailures, IntoSuccesses, Successes};
pub use duration::{DurationText, IntoDuration, parse_duration};
pub use fail_fast::FailFastConfig;
pub use fallback::FallbackConfig;
pub use fault::Fault;
pub use feature_toggle::FeatureToggleConfig;
pub use hedge::{HedgeConfig, HedgeDelay, IntoQuantile};
pub use key::KeyBounds;
pub use literal::config_of_text;
pub use percent::Rate;
pub use prioritizer::PrioritizerConfig;
pub use priority::{CallerOptions, PRIORITIES, literal_prioritizer, read_priority};
pub use range::{IntoDurationRange, parse_range};
pub use rate_limiter::{IntoPace, Pace, RateLimiterConfig};
pub use retry::{Delay, Exhausted, Jitter, RetryConfig};
pub use spec::{
    NameAlone, OnFailure, OptionSpec, Owner, PolicyConfig, PolicySpec, Rejection, Runs, Shape,
    instances, kinds, policies, policy, tables,
};
pub use suggest::{did_you_mean, nearest};
pub use timeout::TimeoutConfig;
pub use value::Value;
