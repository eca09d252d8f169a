//! The accounting of a budget: one number, and what may be added to it.

use failsafe_config::BudgetConfig;

/// One execution.
const EXECUTION: u64 = 1 << 32;
/// One extra execution, which is an execution too.
const EXTRA: u64 = EXECUTION | 1;

/// What is under way: executions, extra ones included, in the upper half; extra ones in the lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Load(pub(super) u64);

impl Load {
    /// Everything under way.
    pub(super) const fn executions(self) -> u64 {
        self.0 >> 32
    }

    /// The extra ones among them.
    pub(super) const fn extras(self) -> u64 {
        self.0 & (EXECUTION - 1)
    }

    /// The share of the extra ones; 0 when nothing is under way.
    #[expect(clippy::cast_precision_loss, reason = "both are below 2 to the 32nd")]
    pub(super) fn rate(self) -> f64 {
        if self.executions() == 0 {
            return 0.0;
        }
        self.extras() as f64 / self.executions() as f64
    }

    /// With an execution more.
    pub(super) const fn with_execution(self) -> Self {
        Self(self.0 + EXECUTION)
    }

    /// Without one of the executions.
    pub(super) const fn without_execution(self) -> Self {
        Self(self.0 - EXECUTION)
    }

    /// With an extra execution more, if the budget allows it: while there are fewer than always may
    /// be, or their share, the new one not counted, is not above the most.
    pub(super) const fn with_extra(self, config: &BudgetConfig) -> Option<Self> {
        let (extras, executions) = (self.extras(), self.executions());
        let enough = extras >= config.get_min_concurrency() as u64;
        if enough && config.get_max_rate().is_exceeded_by(extras, executions) {
            return None;
        }
        Some(self.with_one_too_many())
    }

    /// With an extra execution more, whether the budget allows it or not.
    pub(super) const fn with_one_too_many(self) -> Self {
        Self(self.0 + EXTRA)
    }

    /// Without one of the extra executions.
    pub(super) const fn without_extra(self) -> Self {
        Self(self.0 - EXTRA)
    }
}
