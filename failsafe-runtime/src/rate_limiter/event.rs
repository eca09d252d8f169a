use crate::attempt::Counters;
use crate::listener::counted;
use std::sync::Arc;
use std::time::Duration;

/// A listener in a builder.
pub(super) type Listener = Arc<dyn Fn(&RateLimitedEvent<'_>) + Send + Sync>;

/// What a listener of a rate limiter hears of a call that is refused.
#[derive(Debug, Clone, Copy)]
pub struct RateLimitedEvent<'a> {
    name: &'a str,
    permits: u32,
    retry_after: Duration,
    counters: Counters,
}

impl<'a> RateLimitedEvent<'a> {
    pub(super) const fn new(
        name: &'a str,
        permits: u32,
        retry_after: Duration,
        counters: Counters,
    ) -> Self {
        Self { name, permits, retry_after, counters }
    }

    /// The name of the limiter, or the path of its function.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// How many permits the call needed.
    pub const fn permits(&self) -> u32 {
        self.permits
    }

    /// How long until such a call would be let through, if no other comes before; [`Duration::MAX`] if
    /// it never would.
    pub const fn retry_after(&self) -> Duration {
        self.retry_after
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        name == "rate_limited"
    }
}

counted!(RateLimitedEvent<'_>);
