//! What was wrong with a builder's options.

use failsafe_config::Fault;

/// What is wrong with the options of a policy built in code, all of it at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{policy}: {}", self.faults.join("; "))]
pub struct ConfigError {
    policy: &'static str,
    faults: Vec<String>,
}

impl ConfigError {
    /// Each fault, in the order of the options.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

/// The faults a builder has met.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value, or none and the fault is kept.
    pub(crate) fn note<T>(&mut self, value: Result<T, Fault>) -> Option<T> {
        value.map_err(|fault| self.0.push(fault)).ok()
    }

    pub(crate) fn verdict(&self, policy: &'static str) -> Result<(), ConfigError> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(ConfigError { policy, faults: self.0.iter().map(Fault::to_string).collect() })
    }
}
