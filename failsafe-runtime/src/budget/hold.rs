//! What a policy that runs its body more than once holds of a budget, during a call.

use super::Budget;
use super::permit::{BudgetExecution, BudgetPermit};
use crate::attempt::Counters;
use crate::extra::Extra;
use crate::live::Mode;
use crate::rejected::{Kind, Rejected};
use std::error::Error;
use std::sync::Arc;

/// The error that was the last straw.
type Source = Option<Arc<dyn Error + Send + Sync>>;

/// A budget in a call, or none: then it takes no room.
pub trait Hold {
    /// Whether there is a budget that acts.
    fn is_limited(&self) -> bool;

    /// The extra execution that was granted last, for one who keeps it himself.
    fn granted(&mut self) -> Option<BudgetPermit> {
        None
    }

    /// An execution is over: if it was an extra one, it is given back.
    fn give_back(&mut self);

    /// Keeps a failure until the next question, for the case of a refusal.
    fn keep(&mut self, last: impl FnOnce() -> Source);

    /// Asks for an extra execution.
    ///
    /// # Errors
    ///
    /// A rejection whose source is the last failure.
    fn ask(&mut self, kind: Extra, counters: impl FnOnce() -> Counters) -> Result<(), Rejected>;
}

/// No budget.
#[derive(Debug)]
pub struct Unlimited;

impl Hold for Unlimited {
    #[inline]
    fn is_limited(&self) -> bool {
        false
    }

    #[inline]
    fn give_back(&mut self) {}

    #[inline]
    fn keep(&mut self, _: impl FnOnce() -> Source) {}

    #[inline]
    fn ask(&mut self, _: Extra, _: impl FnOnce() -> Counters) -> Result<(), Rejected> {
        Ok(())
    }
}

/// A call under a budget: its execution, and the extra one that is under way.
#[derive(Debug)]
pub struct Held {
    execution: BudgetExecution,
    extra: Option<BudgetPermit>,
    last: Source,
}

impl Held {
    /// Begins a call.
    pub fn of(budget: &Budget) -> Self {
        Self { execution: budget.start_execution(), extra: None, last: None }
    }
}

impl Hold for Held {
    fn is_limited(&self) -> bool {
        self.execution.budget().mode() == Mode::On
    }

    fn granted(&mut self) -> Option<BudgetPermit> {
        self.extra.take()
    }

    fn give_back(&mut self) {
        self.extra = None;
    }

    fn keep(&mut self, last: impl FnOnce() -> Source) {
        self.last = last();
    }

    fn ask(&mut self, kind: Extra, counters: impl FnOnce() -> Counters) -> Result<(), Rejected> {
        let (budget, last) = (self.execution.budget(), self.last.take());
        let (extra, is_granted) = BudgetPermit::ask(budget);
        self.extra = extra;
        if !is_granted {
            budget.refused(kind, counters());
        }
        if self.extra.is_some() {
            return Ok(());
        }
        Err(Rejected::new(Kind::BudgetExceeded, budget.label().clone()).because(last))
    }
}

/// Where only a value at run time tells whether there is a budget. Boxed, as it is part of the future
/// of every such call.
impl Hold for Option<Box<Held>> {
    fn is_limited(&self) -> bool {
        self.as_ref().is_some_and(|held| held.is_limited())
    }

    fn granted(&mut self) -> Option<BudgetPermit> {
        self.as_mut().and_then(|held| held.granted())
    }

    fn give_back(&mut self) {
        if let Some(held) = self {
            held.give_back();
        }
    }

    fn keep(&mut self, last: impl FnOnce() -> Source) {
        if let Some(held) = self {
            held.keep(last);
        }
    }

    fn ask(&mut self, kind: Extra, counters: impl FnOnce() -> Counters) -> Result<(), Rejected> {
        self.as_mut().map_or(Ok(()), |held| held.ask(kind, counters))
    }
}
