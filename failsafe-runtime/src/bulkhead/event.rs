use crate::attempt::Counters;
use std::sync::Arc;

/// A listener in a builder.
pub(super) type Listener = Arc<dyn Fn(&BulkheadFullEvent<'_>) + Send + Sync>;

/// What a listener of a bulkhead hears of a call that is refused.
#[derive(Debug, Clone, Copy)]
pub struct BulkheadFullEvent<'a> {
    name: &'a str,
    counters: Counters,
}

impl<'a> BulkheadFullEvent<'a> {
    pub(super) const fn new(name: &'a str, counters: Counters) -> Self {
        Self { name, counters }
    }

    /// The name of the bulkhead, or the path of its function.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// Attempts the call has begun so far; 0 where there is no call.
    pub const fn attempts(&self) -> u32 {
        self.counters.attempts
    }

    /// Retries the call has begun so far.
    pub const fn retries(&self) -> u32 {
        self.counters.retries
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        name == "full"
    }
}
