//! Declarative resilience.

pub use failsafe_config as config;
pub use failsafe_macros::{__stack, circuit_breaker, fallback, policy, retry, timeout};
#[doc(hidden)]
pub use failsafe_runtime::__rt;
pub use failsafe_runtime::*;
