use super::core::Load;
use crate::attempt::Counters;
use crate::extra::Extra;
use std::fmt;
use std::sync::Arc;

/// A budget has refused an extra execution.
#[derive(Debug, Clone)]
pub struct BudgetExceeded {
    name: String,
    kind: Extra,
    counters: Counters,
    load: Load,
}

impl BudgetExceeded {
    pub(super) const fn new(name: String, kind: Extra, counters: Counters, load: Load) -> Self {
        Self { name, kind, counters, load }
    }

    /// The name of the budget.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it was asked for.
    pub const fn kind(&self) -> Extra {
        self.kind
    }

    /// The counters of the call; a retry that was refused is counted, a hedge is not.
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// The share of extra executions among all that are under way.
    pub fn rate(&self) -> f64 {
        self.load.rate()
    }

    /// Executions under way, extra ones included.
    pub const fn executions(&self) -> u64 {
        self.load.executions()
    }

    /// Extra executions under way.
    pub const fn extras(&self) -> u64 {
        self.load.extras()
    }
}

/// A listener given to a builder.
pub(super) type Hearer = Arc<dyn Fn(&BudgetExceeded) + Send + Sync>;

/// The listeners in a declaration.
#[derive(Clone, Copy, Default)]
pub struct Listeners(Option<fn(&BudgetExceeded)>);

impl Listeners {
    /// None.
    pub const fn new() -> Self {
        Self(None)
    }

    /// Hears of every refusal.
    #[must_use]
    pub const fn on_budget_exceeded(self, listener: fn(&BudgetExceeded)) -> Self {
        Self(Some(listener))
    }

    pub(super) const fn exceeded(self) -> Option<fn(&BudgetExceeded)> {
        self.0
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listeners").finish_non_exhaustive()
    }
}
