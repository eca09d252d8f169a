use super::instance::Instance;
use crate::live::Mode;
use std::fmt;
use std::sync::Arc;

/// An execution that a budget counts until this is dropped.
#[must_use = "the execution ends when this is dropped"]
pub struct BudgetExecution {
    budget: Arc<Instance>,
    /// Not one that began while the budget was switched off.
    is_counted: bool,
}

impl BudgetExecution {
    pub(super) fn new(budget: Arc<Instance>) -> Self {
        let is_counted = budget.mode() != Mode::Off;
        if is_counted {
            budget.begin();
        }
        Self { budget, is_counted }
    }

    pub(super) const fn budget(&self) -> &Arc<Instance> {
        &self.budget
    }
}

impl Drop for BudgetExecution {
    fn drop(&mut self) {
        if self.is_counted {
            self.budget.end();
        }
    }
}

impl fmt::Debug for BudgetExecution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BudgetExecution").field(&self.budget).finish()
    }
}

/// An extra execution that a budget has granted, and counts until this is dropped.
#[must_use = "the extra execution ends when this is dropped"]
pub struct BudgetPermit(
    /// None of a budget that was switched off: it is not counted.
    Option<Arc<Instance>>,
);

impl BudgetPermit {
    /// A permit, if there is one, and whether the budget allows it. One that only observes gives one
    /// all the same.
    pub(super) fn ask(budget: &Arc<Instance>) -> (Option<Self>, bool) {
        let mode = budget.mode();
        if mode == Mode::Off {
            return (Some(Self(None)), true);
        }
        let is_granted = budget.begin_extra();
        if !is_granted && mode == Mode::On {
            return (None, false);
        }
        if !is_granted {
            budget.begin_extra_all_the_same();
        }
        (Some(Self(Some(Arc::clone(budget)))), is_granted)
    }
}

impl Drop for BudgetPermit {
    fn drop(&mut self) {
        if let Some(budget) = &self.0 {
            budget.end_extra();
        }
    }
}

impl fmt::Debug for BudgetPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BudgetPermit").field(&self.0).finish()
    }
}
