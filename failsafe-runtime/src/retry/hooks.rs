use super::event::RetryEvent;
use crate::attempt::LastFailure;
use crate::outcome::Flow;
use crate::typed::{Answer, Answered, Describe, Judge, Take};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// The user's part of a retry: what it judges by and whom it tells.
pub trait Hooks<R> {
    /// Whether the outcome is a failure.
    fn is_failure(&self, flow: &Flow<R>) -> bool;

    /// Whether a failure ends the retries at once.
    fn aborts(&self, _flow: &Flow<R>) -> bool {
        false
    }

    /// The delay computed from the outcome, if one is.
    fn delay(&self, _flow: &Flow<R>) -> Option<Duration> {
        None
    }

    /// Describes a failure for the next attempt.
    fn describe(&self, _outcome: &R) -> String {
        "failure".to_owned()
    }

    /// What the rejection of a call whose retries have run out has as its source.
    fn source(&self, _outcome: R) -> Option<Arc<dyn Error + Send + Sync>> {
        None
    }

    /// Whether anybody hears.
    fn is_heard(&self) -> bool {
        false
    }

    /// Hears of what happens.
    fn hear(&self, _event: &RetryEvent<'_, R>) {}
}

impl<R, H: Hooks<R>> Hooks<R> for &H {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        (**self).is_failure(flow)
    }

    fn aborts(&self, flow: &Flow<R>) -> bool {
        (**self).aborts(flow)
    }

    fn delay(&self, flow: &Flow<R>) -> Option<Duration> {
        (**self).delay(flow)
    }

    fn describe(&self, outcome: &R) -> String {
        (**self).describe(outcome)
    }

    fn source(&self, outcome: R) -> Option<Arc<dyn Error + Send + Sync>> {
        (**self).source(outcome)
    }

    fn is_heard(&self) -> bool {
        (**self).is_heard()
    }

    fn hear(&self, event: &RetryEvent<'_, R>) {
        (**self).hear(event);
    }
}

/// The last failure as the next attempt sees it.
pub(super) fn last_failure<R>(flow: &Flow<R>, hooks: &impl Hooks<R>) -> LastFailure {
    match flow {
        Ok(outcome) => LastFailure::Outcome(hooks.describe(outcome)),
        Err(rejected) => LastFailure::Rejected(rejected.clone()),
    }
}

/// Hooks made of the expressions in an attribute.
#[derive(Debug)]
pub struct Calls<F, A, D, W, S, L> {
    failed: F,
    aborts: A,
    delay: D,
    words: W,
    straw: S,
    hear: Option<L>,
}

/// Makes hooks of the expressions in an attribute; the outcome tells the closures their types.
#[inline]
pub fn calls<R, F, A, D, W, S, L>(
    _outcome: &Flow<R>,
    (failed, aborts): (F, A),
    delay: D,
    (words, straw): (W, S),
    hear: Option<L>,
) -> Calls<F, A, D, W, S, L>
where
    F: Fn(&Flow<R>) -> bool,
    A: Fn(&Flow<R>) -> bool,
    D: Fn(&Flow<R>) -> Option<Duration>,
    W: Describe<R>,
    S: Take<R>,
    L: Fn(&RetryEvent<'_, R>),
{
    Calls { failed, aborts, delay, words, straw, hear }
}

impl<R, F, A, D, W, S, L> Hooks<R> for Calls<F, A, D, W, S, L>
where
    F: Fn(&Flow<R>) -> bool,
    A: Fn(&Flow<R>) -> bool,
    D: Fn(&Flow<R>) -> Option<Duration>,
    W: Describe<R>,
    S: Take<R>,
    L: Fn(&RetryEvent<'_, R>),
{
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        (self.failed)(flow)
    }

    fn aborts(&self, flow: &Flow<R>) -> bool {
        (self.aborts)(flow)
    }

    fn delay(&self, flow: &Flow<R>) -> Option<Duration> {
        (self.delay)(flow)
    }

    fn describe(&self, outcome: &R) -> String {
        self.words.describe(outcome)
    }

    fn source(&self, outcome: R) -> Option<Arc<dyn Error + Send + Sync>> {
        self.straw.take(outcome)
    }

    fn is_heard(&self) -> bool {
        self.hear.is_some()
    }

    fn hear(&self, event: &RetryEvent<'_, R>) {
        if let Some(hear) = &self.hear {
            hear(event);
        }
    }
}

/// Hooks of an attribute that says nothing of failures: the return type answers.
#[derive(Debug)]
pub struct Plain<J, W, S> {
    judge: J,
    words: W,
    straw: S,
}

/// Makes hooks of what a return type answers.
#[inline]
pub fn plain<J, W, S>(judge: J, (words, straw): (W, S)) -> Plain<J, W, S> {
    Plain { judge, words, straw }
}

impl<R, J: Judge<R>, W: Describe<R>, S: Take<R>> Hooks<R> for Plain<J, W, S> {
    #[inline]
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        flow.as_ref().map_or(true, |outcome| self.judge.failed(outcome))
    }

    fn describe(&self, outcome: &R) -> String {
        self.words.describe(outcome)
    }

    fn source(&self, outcome: R) -> Option<Arc<dyn Error + Send + Sync>> {
        self.straw.take(outcome)
    }
}

impl<R, A: Answer<R>> Hooks<R> for Answered<'_, A> {
    #[inline]
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        self.0.is_failure(flow)
    }

    fn describe(&self, outcome: &R) -> String {
        self.0.describe(outcome)
    }

    fn source(&self, outcome: R) -> Option<Arc<dyn Error + Send + Sync>> {
        self.0.source(outcome)
    }
}
