//! What is wrong with settings, all of it at once.

use crate::layer::Place;
use std::fmt;
use std::sync::Arc;

/// Everything that is wrong with some settings, in the order in which it is written.
///
/// It displays as one line for each fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct SettingsError {
    faults: Vec<SettingsFault>,
}

impl SettingsError {
    /// Of these faults, at least one.
    #[cfg(feature = "watch")]
    pub(super) fn of(faults: Vec<SettingsFault>) -> Self {
        Self { faults }
    }

    /// Each fault.
    pub fn faults(&self) -> &[SettingsFault] {
        &self.faults
    }
}

/// One fault of some settings: what is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsFault {
    origin: Origin,
    message: String,
}

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    File(Arc<str>),
    Place(Place),
    Variable(Arc<str>),
    Code(&'static str, String),
}

impl SettingsFault {
    pub(super) fn new(origin: &Origin, message: impl Into<String>) -> Self {
        Self { origin: origin.clone(), message: message.into() }
    }

    /// The place in a settings file, if it is in one.
    pub fn place(&self) -> Option<&Place> {
        match &self.origin {
            Origin::Place(place) => Some(place),
            _ => None,
        }
    }

    /// The variable of the environment, if it is in one.
    pub fn variable(&self) -> Option<&str> {
        match &self.origin {
            Origin::Variable(variable) => Some(variable),
            _ => None,
        }
    }

    /// What is wrong, and what to write instead.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for SettingsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::File(file) => write!(f, "{file}")?,
            Origin::Place(Place { file, line, column }) => write!(f, "{file}:{line}:{column}")?,
            Origin::Variable(variable) => write!(f, "{variable}")?,
            Origin::Code(policy, name) => write!(f, "in code, {policy} `{name}`")?,
        }
        write!(f, ": {}", self.message)
    }
}

/// Nothing is wrong, or all of it in order.
pub(super) fn verdict(mut faults: Vec<SettingsFault>) -> Result<(), SettingsError> {
    if faults.is_empty() {
        return Ok(());
    }
    faults.sort_by(|one, other| one.origin.cmp(&other.origin));
    faults.dedup();
    Err(SettingsError { faults })
}
