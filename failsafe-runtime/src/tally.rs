//! The counters of a call whose attempts run side by side: one set for all of them.
//!
//! They are polled one after another by the task of the call, which puts the counters where each
//! finds them, for as long as it polls; so they need neither a lock nor an allocation.

use crate::attempt::Counters;
use std::cell::Cell;

thread_local! {
    static TALLY: Cell<Counters> = const { Cell::new(Counters::NONE) };
}

/// The counters in force.
pub(crate) fn current() -> Counters {
    TALLY.get()
}

/// Counts something.
pub(crate) fn count(count: impl FnOnce(&mut Counters)) {
    let mut counters = TALLY.get();
    count(&mut counters);
    TALLY.set(counters);
}

/// Puts counters in force until it ends or is dropped.
pub(crate) struct InForce {
    outer: Counters,
}

impl InForce {
    pub(crate) fn new(counters: Counters) -> Self {
        Self { outer: TALLY.replace(counters) }
    }

    /// The counters as they now stand.
    pub(crate) fn end(self) -> Counters {
        TALLY.replace(self.outer)
    }
}

impl Drop for InForce {
    fn drop(&mut self) {
        TALLY.set(self.outer);
    }
}
