//! Declarative resilience.

pub use failsafe_config as config;
pub use failsafe_macros::{__stack, circuit_breaker, fallback, policy, retry, timeout};
pub use failsafe_runtime::*;
#[doc(hidden)]
pub use failsafe_runtime::__rt;
