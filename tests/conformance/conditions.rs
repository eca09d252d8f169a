//! The conditions of a trace: which errors and results are failures.

use super::error::{Outcome, rejection_matches};
use failsafe::Rejected;
use std::sync::Arc;

/// Lists of names and values; a list that is absent says nothing.
#[derive(Clone)]
pub(crate) struct Conditions {
    errors: Option<Vec<String>>,
    results: Option<Vec<String>>,
    /// Whether any error matches where no errors are listed.
    any_error: bool,
}

impl Conditions {
    /// `handle_errors`, `handle_results`: errors that are listed replace any error, results alone add to it. None if there
    /// is no list at all.
    pub(crate) fn handle(
        errors: Option<Vec<String>>,
        results: Option<Vec<String>>,
    ) -> Option<Arc<Self>> {
        Self::listed(errors, results, true)
    }

    /// `abort_errors`, `abort_results`: only what is listed.
    pub(crate) fn abort(
        errors: Option<Vec<String>>,
        results: Option<Vec<String>>,
    ) -> Option<Arc<Self>> {
        Self::listed(errors, results, false)
    }

    fn listed(
        errors: Option<Vec<String>>,
        results: Option<Vec<String>>,
        any_error: bool,
    ) -> Option<Arc<Self>> {
        let any = errors.is_some() || results.is_some();
        any.then(|| Arc::new(Self { errors, results, any_error }))
    }

    /// Whether what a function returned matches.
    pub(crate) fn outcome(&self, outcome: &Outcome) -> bool {
        match outcome {
            Ok(value) => self.results.as_ref().is_some_and(|results| results.contains(value)),
            Err(error) => self.error(|name| error.matches(name)),
        }
    }

    /// Whether the rejection of a policy inside matches.
    pub(crate) fn rejection(&self, rejected: &Rejected) -> bool {
        self.error(|name| rejection_matches(rejected, name))
    }

    fn error(&self, is_named: impl Fn(&str) -> bool) -> bool {
        match &self.errors {
            Some(names) => names.iter().any(|name| is_named(name)),
            None => self.any_error,
        }
    }
}
