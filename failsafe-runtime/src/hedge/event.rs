use crate::attempt::Counters;
use crate::events::What;
use std::sync::Arc;
use std::time::Duration;

/// What a listener of a hedge hears.
#[derive(Debug, Clone, Copy)]
pub struct HedgeEvent<'a> {
    pub(super) name: &'a str,
    pub(super) what: What,
    pub(super) counters: Counters,
    pub(super) elapsed: Duration,
}

impl HedgeEvent<'_> {
    /// The name of the hedge, or the path of its function.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// What happened: `Hedge` or `BudgetExceeded`.
    pub const fn what(&self) -> What {
        self.what
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        self.what.name() == name
    }

    /// Attempts the call has begun so far; in `on_hedge` the one that begins is counted, in
    /// `on_budget_exceeded` the one that was refused is not.
    pub const fn attempts(&self) -> u32 {
        self.counters.attempts
    }

    /// Runs of the body so far, those that have not come to an end included.
    pub const fn executions(&self) -> u32 {
        self.counters.executions
    }

    /// Hedges the call has begun so far, likewise.
    pub const fn hedges(&self) -> u32 {
        self.counters.hedges
    }

    /// How long the call has run.
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// A listener given to a builder.
pub(super) type Listener = Arc<dyn Fn(&HedgeEvent<'_>) + Send + Sync>;
