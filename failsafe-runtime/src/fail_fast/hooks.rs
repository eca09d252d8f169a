use crate::attempt::{Counters, LastFailure};
use crate::outcome::Flow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A listener in a builder, with the event it hears of.
pub(super) type Listener = (&'static str, Arc<dyn Fn(&FailFastEvent<'_>) + Send + Sync>);

/// What a listener of a fail-fast hears.
#[derive(Debug, Clone, Copy)]
pub struct FailFastEvent<'a> {
    pub(super) name: &'a str,
    pub(super) what: &'static str,
    pub(super) counters: Counters,
    pub(super) failures: u32,
    pub(super) failed_for: Option<Duration>,
    pub(super) why: Option<&'a LastFailure>,
}

impl<'a> FailFastEvent<'a> {
    /// The name of the fail-fast, or the path of its function.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// The failures in a row that led to the failed state; 0 where code did.
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// How the call failed that led to the failed state; `None` where code did.
    pub const fn last_failure(&self) -> Option<&'a LastFailure> {
        self.why
    }

    /// How long the failed state has lasted; `None` for a call that `when` refused outside of it.
    pub const fn failed_for(&self) -> Option<Duration> {
        self.failed_for
    }

    /// Attempts the call has begun so far; 0 where there is no call.
    pub const fn attempts(&self) -> u32 {
        self.counters.attempts
    }

    /// Retries the call has begun so far.
    pub const fn retries(&self) -> u32 {
        self.counters.retries
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        self.what == name
    }
}

/// The user's part of a fail-fast: what it judges by.
pub trait Hooks<R> {
    /// Whether the outcome is a failure.
    fn is_failure(&self, flow: &Flow<R>) -> bool;

    /// Describes a value that is a failure.
    fn describe(&self, _outcome: &R) -> String {
        "failure".to_owned()
    }
}

impl<R, H: Hooks<R>> Hooks<R> for &H {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        (**self).is_failure(flow)
    }

    fn describe(&self, outcome: &R) -> String {
        (**self).describe(outcome)
    }
}

/// Hooks made of the expressions in an attribute.
#[derive(Debug)]
pub struct Calls<F, D> {
    failed: F,
    describe: D,
}

/// Makes hooks of the expressions in an attribute; the outcome tells the closures their types.
pub const fn calls<R, F, D>(_outcome: &Flow<R>, failed: F, describe: D) -> Calls<F, D>
where
    F: Fn(&Flow<R>) -> bool,
    D: Fn(&R) -> String,
{
    Calls { failed, describe }
}

impl<R, F, D> Hooks<R> for Calls<F, D>
where
    F: Fn(&Flow<R>) -> bool,
    D: Fn(&R) -> String,
{
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        (self.failed)(flow)
    }

    fn describe(&self, outcome: &R) -> String {
        (self.describe)(outcome)
    }
}

/// What a declaration has that uses nothing of the function it stands on: it belongs to the
/// instance, whoever uses that.
#[derive(Clone, Copy, Default)]
pub struct Listeners {
    failed: Option<fn(&FailFastEvent<'_>)>,
    recovered: Option<fn(&FailFastEvent<'_>)>,
    pub(super) probe: Option<super::probe::Ask>,
}

impl Listeners {
    /// None.
    pub const fn new() -> Self {
        Self { failed: None, recovered: None, probe: None }
    }

    /// Hears when it entered the failed state.
    #[must_use]
    pub const fn on_failed(mut self, listener: fn(&FailFastEvent<'_>)) -> Self {
        self.failed = Some(listener);
        self
    }

    /// Hears when it recovered.
    #[must_use]
    pub const fn on_recovered(mut self, listener: fn(&FailFastEvent<'_>)) -> Self {
        self.recovered = Some(listener);
        self
    }

    /// Is asked whether it has recovered.
    #[must_use]
    pub const fn probe(mut self, probe: super::probe::Ask) -> Self {
        self.probe = Some(probe);
        self
    }

    /// The one that hears of an event.
    pub(super) fn of(&self, what: &str) -> Option<fn(&FailFastEvent<'_>)> {
        if what == "failed" { self.failed } else { self.recovered }
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listeners").field("probe", &self.probe.is_some()).finish_non_exhaustive()
    }
}
