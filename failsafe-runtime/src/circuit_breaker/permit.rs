use super::hooks::{CircuitBreakerEvent, Hooks, OnChange};
use super::instance::{Instance, Pass};
use super::metrics::StateChanged;
use crate::attempt::{Call, Counters};
use crate::clock::{Moment, now};
use crate::events::{self, What};
use crate::listener;
use crate::outcome::Flow;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

/// A breaker in use: borrowed from where it is kept, or shared with a scoped registry.
#[derive(Debug, Clone)]
pub(crate) enum Handle<'a> {
    Borrowed(&'a Instance),
    Shared(Arc<Instance>),
}

impl Deref for Handle<'_> {
    type Target = Instance;

    fn deref(&self) -> &Instance {
        match self {
            Self::Borrowed(instance) => instance,
            Self::Shared(instance) => instance,
        }
    }
}

/// A call that a circuit breaker let through.
///
/// Say how it ended with [`success`](Self::success) or [`failure`](Self::failure). A permit that is
/// dropped counts as neither: its place is given back, so a call that is cancelled or panics can
/// not lock the breaker.
#[derive(Debug)]
#[must_use = "a permit that is dropped counts as neither success nor failure"]
pub struct Permit<'a> {
    breaker: Handle<'a>,
    /// The generation, and in the lowest bit whether its place must be given back.
    ticket: u64,
    /// When the call began, where slow calls matter; else 0.
    started: u64,
}

impl<'a> Permit<'a> {
    pub(super) fn new(breaker: Handle<'a>, pass: &Pass) -> Self {
        let started = breaker.config().get_slow().map_or(0, |_| now().nanos());
        Self { breaker, ticket: pass.generation << 1 | u64::from(pass.trial), started }
    }

    /// Records a success, unless the call was slow.
    pub fn success(self) {
        self.finish(false, || None, Counters::default);
    }

    /// Records a failure.
    pub fn failure(self) {
        self.finish(true, || None, Counters::default);
    }

    /// Records a failure and, if that opens the breaker, keeps it open for so long.
    pub fn failure_for(self, delay: Duration) {
        self.finish(true, || Some(delay), Counters::default);
    }

    fn finish(
        mut self,
        failed: bool,
        delay: impl FnOnce() -> Option<Duration>,
        counters: impl FnOnce() -> Counters,
    ) -> Option<StateChanged> {
        let generation = self.ticket >> 1;
        self.ticket = 0;
        let failed = failed || self.was_slow();
        self.breaker.settle(generation, failed, delay, counters)
    }

    fn was_slow(&self) -> bool {
        self.started != 0
            && self
                .breaker
                .config()
                .get_slow()
                .is_some_and(|slow| now().since(Moment::from_nanos(self.started)) > slow)
    }

    /// Records the outcome of a call, by the hooks.
    #[doc(hidden)]
    #[inline]
    pub fn settle<R>(
        self,
        call: &mut Call,
        flow: &Flow<R>,
        hooks: &impl Hooks<R>,
        changes: &impl OnChange,
    ) {
        let judged = hooks.is_failure(flow);
        if judged {
            call.judged(true);
        }
        let failed = judged || self.was_slow();
        if !hooks.is_heard() && !changes.is_heard() && !events::active() {
            self.finish(failed, || hooks.delay(flow), || call.counters());
            return;
        }
        let what = if failed { What::Failure } else { What::Success };
        tell(&self.breaker, call, hooks, what, flow);
        let breaker = self.breaker.clone();
        let change = self.finish(failed, || hooks.delay(flow), || call.counters());
        tell_change(&breaker, call, changes, change.as_ref());
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.ticket & 1 == 1 {
            self.breaker.give_back(self.ticket >> 1);
        }
    }
}

/// Tells the function of a change that its call caused; others hear of it from the breaker itself.
pub(super) fn tell_change(
    breaker: &Instance,
    call: &Call,
    changes: &impl OnChange,
    change: Option<&StateChanged>,
) {
    if let Some(change) = change {
        listener::call("circuit_breaker", breaker.label(), call.counters(), || {
            changes.changed(change);
        });
    }
}

#[cold]
fn tell<R>(breaker: &Instance, call: &Call, hooks: &impl Hooks<R>, what: What, outcome: &Flow<R>) {
    let counters = call.counters();
    if hooks.is_heard() {
        let event = CircuitBreakerEvent { name: breaker.name(), what, counters, outcome };
        listener::call("circuit_breaker", breaker.label(), counters, || hooks.hear(&event));
    }
    events::emit("circuit_breaker", || breaker.label().clone(), counters, what);
}
