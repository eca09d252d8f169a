use super::instance::Instance;
use super::ticket::Ticket;
use super::{Hooks, StateChanged};
use crate::attempt::{Call, Counters};
use crate::judged;
use crate::listener::{Hear, Unheard};
use crate::outcome::Flow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A call that a circuit breaker let through.
///
/// Say how it ended with [`success`](Self::success) or [`failure`](Self::failure). A permit that is
/// dropped counts as neither: its place is given back, so a call that is cancelled or panics can
/// not lock the breaker.
#[must_use = "a permit that is dropped counts as neither success nor failure"]
pub struct Permit<'a>(Holder<'a>);

/// Whose permit it is. The rare form is boxed, as a permit is part of the future of every call.
enum Holder<'a> {
    /// Of a breaker that outlives the permit.
    Borrowed(&'a Instance, Ticket),
    /// Of a breaker of a scoped registry.
    Shared(Box<(Arc<Instance>, Ticket)>),
}

impl<'a> Permit<'a> {
    #[inline]
    pub(super) const fn borrowed(breaker: &'a Instance, ticket: Ticket) -> Self {
        Self(Holder::Borrowed(breaker, ticket))
    }

    pub(super) fn shared(breaker: Arc<Instance>, ticket: Ticket) -> Self {
        Self(Holder::Shared(Box::new((breaker, ticket))))
    }

    /// Records a success, unless the call was slow.
    pub fn success(mut self) {
        self.finish(false, || None, Counters::default, &Unheard);
    }

    /// Records a failure.
    pub fn failure(mut self) {
        self.finish(true, || None, Counters::default, &Unheard);
    }

    /// Records a failure and, if that opens the breaker, keeps it open for so long.
    pub fn failure_for(mut self, delay: Duration) {
        self.finish(true, || Some(delay), Counters::default, &Unheard);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn parts(&mut self) -> (&Instance, &mut Ticket) {
        match &mut self.0 {
            Holder::Borrowed(breaker, ticket) => (breaker, ticket),
            Holder::Shared(shared) => (&shared.0, &mut shared.1),
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn finish(
        &mut self,
        failed: bool,
        delay: impl FnOnce() -> Option<Duration>,
        counters: impl FnOnce() -> Counters,
        changes: &impl Hear<StateChanged>,
    ) {
        let (breaker, ticket) = self.parts();
        let used = std::mem::replace(ticket, Ticket::USED);
        if used.is_outside() {
            return;
        }
        let failed = failed || breaker.is_slow(used);
        breaker.settle(used, failed, delay, counters, changes);
    }

    /// Records the outcome of a call, by the hooks.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn settle<R>(
        mut self,
        call: &mut Call,
        flow: &Flow<R>,
        hooks: &impl Hooks<R>,
        changes: &impl Hear<StateChanged>,
    ) {
        let (breaker, ticket) = self.parts();
        if ticket.is_outside() {
            return;
        }
        let failed = judged::judge(call, flow, hooks);
        let told = judged::is_heard(hooks);
        if !failed && !told && breaker.is_settled(*ticket) {
            *ticket = Ticket::USED;
            return;
        }
        self.settle_slowly(call, (flow, failed), hooks, changes);
    }

    /// Records an outcome that may change something. It is the same for all functions of one return
    /// type, so it is not inlined.
    #[inline(never)]
    fn settle_slowly<R>(
        mut self,
        call: &mut Call,
        (flow, failed): (&Flow<R>, bool),
        hooks: &impl Hooks<R>,
        changes: &impl Hear<StateChanged>,
    ) {
        if judged::is_heard(hooks) {
            self.tell(call, flow, failed, hooks);
        }
        self.finish(failed, || hooks.delay(flow), || call.counters(), changes);
    }

    #[cold]
    fn tell<R>(&mut self, call: &Call, flow: &Flow<R>, failed: bool, hooks: &impl Hooks<R>) {
        let (breaker, ticket) = self.parts();
        let failed = failed || breaker.is_slow(*ticket);
        judged::tell(("circuit_breaker", breaker.label()), call, flow, failed, hooks);
    }
}

impl Drop for Permit<'_> {
    #[inline]
    fn drop(&mut self) {
        let (breaker, ticket) = self.parts();
        if ticket.must_return() {
            breaker.give_back(*ticket);
        }
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Holder::Borrowed(breaker, _), name) = (&self.0, "Permit") else {
            return f.debug_struct("Permit").finish_non_exhaustive();
        };
        f.debug_struct(name).field("breaker", &breaker.name()).finish_non_exhaustive()
    }
}
