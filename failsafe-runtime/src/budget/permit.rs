use super::instance::Instance;
use std::fmt;
use std::sync::Arc;

/// An execution that a budget counts until this is dropped.
#[must_use = "the execution ends when this is dropped"]
pub struct BudgetExecution(pub(super) Arc<Instance>);

impl BudgetExecution {
    pub(super) fn new(budget: Arc<Instance>) -> Self {
        budget.begin();
        Self(budget)
    }
}

impl Drop for BudgetExecution {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl fmt::Debug for BudgetExecution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BudgetExecution").field(&self.0).finish()
    }
}

/// An extra execution that a budget has granted, and counts until this is dropped.
#[must_use = "the extra execution ends when this is dropped"]
pub struct BudgetPermit(Arc<Instance>);

impl BudgetPermit {
    pub(super) fn new(budget: &Arc<Instance>) -> Option<Self> {
        budget.begin_extra().then(|| Self(Arc::clone(budget)))
    }
}

impl Drop for BudgetPermit {
    fn drop(&mut self) {
        self.0.end_extra();
    }
}

impl fmt::Debug for BudgetPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BudgetPermit").field(&self.0).finish()
    }
}
