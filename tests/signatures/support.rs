//! What the cases share.

use std::sync::atomic::{AtomicU32, Ordering};

/// Counts how often a body ran.
#[derive(Debug, Default)]
pub(crate) struct Runs(AtomicU32);

impl Runs {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// Counts one run; its number, from 1.
    pub(crate) fn count(&self) -> u32 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// How many there were.
    pub(crate) fn total(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }

    /// Counts one run, which fails unless it is the third.
    pub(crate) fn third(&self) -> Result<u32, String> {
        match self.count() {
            3 => Ok(3),
            run => Err(format!("run {run}")),
        }
    }
}

/// Only what is `Send` passes.
pub(crate) fn send<T: Send>(value: T) -> T {
    value
}
