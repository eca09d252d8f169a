//! The policies of failsafe: state machines, registry, events and drivers.
//!
//! Users depend on the crate `failsafe`, which re-exports what is public here.

pub mod adaptive_limiter;
pub mod adaptive_throttler;
mod as_policy;
mod attempt;
pub mod budget;
mod building;
pub mod bulkhead;
pub mod cache;
mod chance;
pub mod circuit_breaker;
mod clock;
mod current;
mod defined;
pub mod events;
pub mod executor;
pub mod explain;
mod extra;
pub mod fail_fast;
pub mod fallback;
mod fault;
pub mod feature_toggle;
mod flip;
mod found;
mod grown;
mod guard;
pub mod hedge;
mod judged;
mod keyed;
mod label;
mod layer;
mod listener;
mod live;
mod outcome;
mod overrides;
mod places;
pub mod prioritizer;
pub mod priority;
#[doc(hidden)]
pub mod probe;
pub mod rate_limiter;
mod registry;
mod rejected;
pub mod retry;
#[cfg(feature = "settings")]
pub mod settings;
mod site;
mod source;
#[cfg(feature = "settings")]
mod stack;
mod state;
mod stateful;
#[doc(hidden)]
pub mod steps;
mod tally;
pub mod testing;
pub mod timeout;
mod typed;
mod window;
mod written;

pub use adaptive_limiter::AdaptiveLimiter;
pub use adaptive_throttler::AdaptiveThrottler;
pub use attempt::{Attempt, Counters, LastFailure, attempt};
pub use budget::Budget;
pub use bulkhead::Bulkhead;
pub use cache::Cache;
pub use circuit_breaker::CircuitBreaker;
pub use clock::Moment;
pub use executor::{Executor, with};
pub use explain::explain;
pub use fail_fast::FailFast;
pub use fallback::Fallback;
pub use fault::ConfigError;
pub use feature_toggle::FeatureToggle;
pub use hedge::Hedge;
pub use live::Mode;
pub use outcome::{Failure, FromRejected, Outcome, Reject};
pub use overrides::UnknownPolicy;
pub use prioritizer::Prioritizer;
pub use priority::{Caller, Level, Priority};
pub use rate_limiter::RateLimiter;
pub use registry::{
    Detail, Details, PolicyId, PolicySnapshot, Registry, Scoped, Snapshot, registry,
};
pub use rejected::{Kind, Rejected};
pub use retry::Retry;
pub use site::{Conflicts, Declaration, check, declarations};
pub use timeout::Timeout;

/// What generated code uses. Not for people: it changes without notice.
#[doc(hidden)]
pub mod __rt;
