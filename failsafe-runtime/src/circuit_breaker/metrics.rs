use super::core::Change;
use super::window::Counts;
use crate::state::State;
use serde::Serialize;

/// What a circuit breaker has counted in its current state; while it is open, in the state before.
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

    /// Calls in the window.
    pub const fn executions(&self) -> u64 {
        self.executions
    }

    /// Failures in the window.
    pub const fn failures(&self) -> u64 {
        self.failures
    }

    /// Successes in the window.
    pub const fn successes(&self) -> u64 {
        self.successes
    }

    /// The share of failures, from 0 to 1, rounded to two decimals; 0 when nothing was counted.
    pub fn failure_rate(&self) -> f64 {
        rate(self.failures, self.executions)
    }

    /// The share of successes, from 0 to 1, rounded to two decimals; 0 when nothing was counted.
    pub fn success_rate(&self) -> f64 {
        rate(self.successes, self.executions)
    }
}

#[expect(clippy::cast_precision_loss, reason = "two decimals are shown")]
fn rate(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 100.0).round() / 100.0 }
}

/// A circuit breaker has changed its state.
#[derive(Debug, Clone)]
pub struct StateChanged {
    name: String,
    change: Change,
}

impl StateChanged {
    pub(super) const fn new(name: String, change: Change) -> Self {
        Self { name, change }
    }

    /// The name of the breaker.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The state it left.
    pub const fn from(&self) -> State {
        self.change.from
    }

    /// The state it entered.
    pub const fn to(&self) -> State {
        self.change.to
    }

    /// Whether this is the event of that name: `state_changed`, or that of the new state.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        let entered = match self.change.to {
            State::Open => "open",
            State::HalfOpen => "half_open",
            State::Closed => "close",
        };
        name == "state_changed" || name == entered
    }

    /// What it had counted in the state it left.
    pub const fn metrics(&self) -> Metrics {
        Metrics::new(self.change.counts)
    }
}
