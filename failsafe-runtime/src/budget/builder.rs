use super::Budget;
use super::event::{BudgetExceeded, Hearer};
use super::instance::Instance;
use crate::building::{Parts, builds};
use crate::label::Label;
use crate::source::Source;
use failsafe_config::{BudgetConfig, IntoMaxRate};
use std::sync::Arc;

/// Builds a [`Budget`]; its methods are the options of `policy!(budget(..))`.
#[must_use = "a builder does nothing until it builds"]
pub struct BudgetBuilder {
    parts: Parts<BudgetConfig>,
    listeners: Vec<Hearer>,
}

impl BudgetBuilder {
    pub(super) const fn new() -> Self {
        Self { parts: Parts::new(BudgetConfig::new()), listeners: Vec::new() }
    }

    /// How large a share of all executions under way the extra ones may be before further ones are
    /// refused: `0.2` or `"20%"`. **Default**: a fifth.
    pub fn max_rate(mut self, share: impl IntoMaxRate) -> Self {
        self.parts.set(share.into_max_rate(), BudgetConfig::max_share);
        self
    }

    /// Up to so many extra executions at once, whatever their share. **Default**: 3.
    pub const fn min_concurrency(mut self, min: u32) -> Self {
        self.parts.config = self.parts.config.min_concurrency(min);
        self
    }

    /// Adds a listener that is called when an extra execution was refused.
    pub fn on_budget_exceeded(
        mut self,
        listener: impl Fn(&BudgetExceeded) + Send + Sync + 'static,
    ) -> Self {
        self.listeners.push(Arc::new(listener));
        self
    }

    fn make(self, label: Label) -> Budget {
        let instance = Instance::new(label, self.parts.config, self.listeners);
        Budget { source: Source::Built(Arc::new(instance)) }
    }
}

builds!(BudgetBuilder => Budget, "budget", "budget");
