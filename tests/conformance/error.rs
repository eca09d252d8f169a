//! The errors of the functions in a trace, and their names.

use failsafe::{Kind, Rejected};
use serde_json::{Value, json};
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// What a function in a trace returns.
pub(crate) type Outcome = Result<String, TraceError>;

/// An error of a trace.
#[derive(Debug, Clone)]
pub(crate) enum TraceError {
    /// An error of a function or a fallback.
    Named(String),
    /// A value that a retry took for a failure: the last straw, as a source.
    LastValue(String),
    /// A policy refused the call or gave up on it.
    Rejected(Rejected),
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::LastValue(value) => write!(f, "failure: {value}"),
            Self::Rejected(rejected) => rejected.fmt(f),
        }
    }
}

impl Error for TraceError {}

impl From<Rejected> for TraceError {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}

impl TraceError {
    /// Whether this error has that name, or wraps one that has.
    pub(crate) fn matches(&self, name: &str) -> bool {
        match self {
            Self::Named(own) => own == name,
            Self::LastValue(_) => false,
            Self::Rejected(rejected) => rejection_matches(rejected, name),
        }
    }

    /// The error as a trace names it.
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Named(name) => json!(name),
            Self::LastValue(value) => json!(value),
            Self::Rejected(rejected) => rejection_json(rejected),
        }
    }
}

/// What a rejection of a retry that has run out has as its source.
#[expect(clippy::unnecessary_wraps, reason = "the builder takes it so")]
pub(crate) fn last_straw(outcome: Outcome) -> Option<Arc<dyn Error + Send + Sync>> {
    Some(Arc::new(outcome.map_or_else(|error| error, TraceError::LastValue)))
}

/// Whether this rejection has that name, or wraps an error that has.
pub(crate) fn rejection_matches(rejected: &Rejected, name: &str) -> bool {
    if kind_name(rejected.kind()) == name {
        return true;
    }
    match source(rejected) {
        Some(Source::Error(error)) => error.matches(name),
        Some(Source::Rejected(rejected)) => rejection_matches(rejected, name),
        None => false,
    }
}

fn rejection_json(rejected: &Rejected) -> Value {
    if rejected.kind() != Kind::RetriesExceeded {
        return json!(kind_name(rejected.kind()));
    }
    match source(rejected) {
        Some(Source::Error(TraceError::LastValue(value))) => {
            json!({"kind": "retries_exceeded", "last_value": value})
        }
        Some(Source::Error(error)) => {
            json!({"kind": "retries_exceeded", "last_error": error.json()})
        }
        Some(Source::Rejected(rejected)) => {
            json!({"kind": "retries_exceeded", "last_error": rejection_json(rejected)})
        }
        None => json!({"kind": "retries_exceeded"}),
    }
}

enum Source<'a> {
    Error(&'a TraceError),
    Rejected(&'a Rejected),
}

fn source(rejected: &Rejected) -> Option<Source<'_>> {
    let source = rejected.source()?;
    let error = source.downcast_ref::<TraceError>().map(Source::Error);
    error.or_else(|| source.downcast_ref::<Rejected>().map(Source::Rejected))
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::CircuitOpen => "circuit_open",
        Kind::Timeout => "timeout",
        Kind::RetriesExceeded => "retries_exceeded",
        Kind::BulkheadFull => "bulkhead_full",
        Kind::RateLimited => "rate_limited",
        Kind::BudgetExceeded => "budget_exceeded",
        other => panic!("no trace has a name for {other}"),
    }
}
