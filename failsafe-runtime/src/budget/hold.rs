//! What a policy that runs its body more than once holds of a budget, during a call.

use super::Budget;
use super::permit::{BudgetExecution, BudgetPermit};
use crate::attempt::Counters;
use crate::extra::Extra;
use crate::rejected::{Kind, Rejected};
use std::error::Error;
use std::sync::Arc;

/// The error that was the last straw.
type Source = Option<Arc<dyn Error + Send + Sync>>;

/// A budget in a call, or none: then it takes no room.
pub trait Hold {
    /// The last failure, kept across the wait.
    type Last;

    /// Whether there is a budget.
    fn is_limited(&self) -> bool;

    /// An execution is over: if it was an extra one, it is given back.
    fn give_back(&mut self);

    /// Keeps a failure for the case of a refusal.
    fn keep(&self, last: impl FnOnce() -> Source) -> Self::Last;

    /// Asks for an extra execution.
    ///
    /// # Errors
    ///
    /// A rejection whose source is the last failure.
    fn ask(
        &mut self,
        kind: Extra,
        counters: impl FnOnce() -> Counters,
        last: Self::Last,
    ) -> Result<(), Rejected>;
}

/// No budget.
#[derive(Debug)]
pub struct Unlimited;

impl Hold for Unlimited {
    type Last = ();

    #[inline]
    fn is_limited(&self) -> bool {
        false
    }

    #[inline]
    fn give_back(&mut self) {}

    #[inline]
    fn keep(&self, _: impl FnOnce() -> Source) {}

    #[inline]
    fn ask(&mut self, _: Extra, _: impl FnOnce() -> Counters, (): ()) -> Result<(), Rejected> {
        Ok(())
    }
}

/// A call under a budget: its execution, and the extra one that is under way.
#[derive(Debug)]
pub struct Held {
    execution: BudgetExecution,
    extra: Option<BudgetPermit>,
}

impl Held {
    /// Begins a call.
    pub fn of(budget: &Budget) -> Self {
        Self { execution: budget.start_execution(), extra: None }
    }
}

impl Hold for Held {
    type Last = Source;

    fn is_limited(&self) -> bool {
        true
    }

    fn give_back(&mut self) {
        self.extra = None;
    }

    fn keep(&self, last: impl FnOnce() -> Source) -> Source {
        last()
    }

    fn ask(
        &mut self,
        kind: Extra,
        counters: impl FnOnce() -> Counters,
        last: Source,
    ) -> Result<(), Rejected> {
        let budget = &self.execution.0;
        self.extra = BudgetPermit::new(budget);
        if self.extra.is_some() {
            return Ok(());
        }
        budget.refused(kind, counters());
        Err(Rejected::new(Kind::BudgetExceeded, budget.label().clone()).because(last))
    }
}

impl Hold for Option<Held> {
    type Last = Source;

    fn is_limited(&self) -> bool {
        self.is_some()
    }

    fn give_back(&mut self) {
        if let Some(held) = self {
            held.give_back();
        }
    }

    fn keep(&self, last: impl FnOnce() -> Source) -> Source {
        self.as_ref().and_then(|_| last())
    }

    fn ask(
        &mut self,
        kind: Extra,
        counters: impl FnOnce() -> Counters,
        last: Source,
    ) -> Result<(), Rejected> {
        self.as_mut().map_or(Ok(()), |held| held.ask(kind, counters, last))
    }
}
