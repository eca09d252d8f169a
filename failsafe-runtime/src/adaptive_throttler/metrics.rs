use crate::window::Counts;
use serde::Serialize;

/// What an adaptive throttler has counted in the period that ends now. Calls that it refused, and
/// calls that were cancelled, are not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Metrics {
    executions: u64,
    failures: u64,
    successes: u64,
}

impl Metrics {
    pub(super) const fn new(counts: Counts) -> Self {
        let Counts { successes, failures } = counts;
        Self { executions: counts.executions(), failures, successes }
    }

    /// Calls in the period.
    pub const fn executions(&self) -> u64 {
        self.executions
    }

    /// Failures in the period.
    pub const fn failures(&self) -> u64 {
        self.failures
    }

    /// Successes in the period.
    pub const fn successes(&self) -> u64 {
        self.successes
    }

    /// The share of failures, from 0 to 1; 0 when nothing was counted.
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn failure_rate(&self) -> f64 {
        if self.executions == 0 { 0.0 } else { self.failures as f64 / self.executions as f64 }
    }
}
