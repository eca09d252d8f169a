//! What a policy built in code judges by and whom it tells.

use crate::outcome::{Flow, Outcome};
use std::fmt;
use std::sync::Arc;

/// Judges by [`Outcome`]: any rejection, and any value that says it is a failure.
#[derive(Debug, Clone, Copy, Default)]
pub struct ByOutcome(());

impl ByOutcome {
    pub(crate) const fn new() -> Self {
        Self(())
    }
}

/// Whether an outcome is a failure for a policy built in code.
pub trait Classify<R> {
    /// Whether it is.
    fn is_failure(&self, flow: &Flow<R>) -> bool;
}

impl<R: Outcome> Classify<R> for ByOutcome {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        flow.as_ref().map_or(true, Outcome::is_failure)
    }
}

type Test<T> = Arc<dyn Fn(&T) -> bool + Send + Sync>;

/// Conditions over a return type: OR-ed; while there is none, a default decides.
pub(crate) struct Conditions<R> {
    tests: Vec<Test<Flow<R>>>,
    default: Option<Test<Flow<R>>>,
}

impl<R> Conditions<R> {
    /// No condition, and nothing is a failure.
    pub(crate) const fn none() -> Self {
        Self { tests: Vec::new(), default: None }
    }

    /// No condition yet: until there is one, every rejection and every failing value is a failure.
    pub(crate) fn any_failure() -> Self
    where
        R: Outcome,
    {
        let by_outcome = |flow: &Flow<R>| ByOutcome::new().is_failure(flow);
        Self { tests: Vec::new(), default: Some(Arc::new(by_outcome)) }
    }

    /// Adds a condition over what travels between policies.
    pub(crate) fn add(&mut self, test: impl Fn(&Flow<R>) -> bool + Send + Sync + 'static) {
        self.tests.push(Arc::new(test));
    }

    /// Adds a condition over return values.
    pub(crate) fn add_outcome(&mut self, test: impl Fn(&R) -> bool + Send + Sync + 'static) {
        self.add(move |flow| flow.as_ref().is_ok_and(&test));
    }

    /// Adds a condition over rejections.
    pub(crate) fn add_rejected(
        &mut self,
        test: impl Fn(&crate::rejected::Rejected) -> bool + Send + Sync + 'static,
    ) {
        self.add(move |flow| flow.as_ref().is_err_and(&test));
    }
}

impl<R> Classify<R> for Conditions<R> {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        match &self.default {
            Some(default) if self.tests.is_empty() => default(flow),
            _ => self.tests.iter().any(|test| test(flow)),
        }
    }
}

impl<R> Clone for Conditions<R> {
    fn clone(&self) -> Self {
        Self { tests: self.tests.clone(), default: self.default.clone() }
    }
}

impl<R> fmt::Debug for Conditions<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conditions").field("count", &self.tests.len()).finish_non_exhaustive()
    }
}
