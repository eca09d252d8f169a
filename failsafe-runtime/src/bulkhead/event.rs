use crate::attempt::Counters;
use crate::listener::counted;
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

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        name == "full"
    }
}

counted!(BulkheadFullEvent<'_>);
