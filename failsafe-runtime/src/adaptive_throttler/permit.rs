use super::event::AdaptiveThrottlerEvent;
use super::hooks::Hooks;
use super::instance::Instance;
use crate::attempt::Call;
use crate::events::{self, What};
use crate::listener;
use crate::outcome::Flow;
use crate::prioritizer::InUse;
use std::fmt;
use std::sync::Arc;

/// Whose permit it is.
pub(super) enum Holder<'a> {
    /// Of a throttler that outlives the permit.
    Borrowed(&'a Instance),
    /// Of a throttler of a scoped registry.
    Shared(Arc<Instance>),
}

impl Holder<'_> {
    #[inline]
    pub(super) fn get(&self) -> &Instance {
        match self {
            Self::Borrowed(instance) => instance,
            Self::Shared(instance) => instance,
        }
    }
}

/// A call that an adaptive throttler let through.
///
/// Say how it ended with [`success`](Self::success) or [`failure`](Self::failure). A permit that is
/// dropped counts as neither, so a call that is cancelled or panics says nothing about the service.
#[must_use = "a permit that is dropped counts as neither success nor failure"]
pub struct Permit<'a> {
    holder: Holder<'a>,
    /// Boxed, as a permit is part of the future of every call, and this is rare.
    in_use: Option<Box<InUse>>,
}

impl<'a> Permit<'a> {
    pub(super) const fn new(holder: Holder<'a>, in_use: Option<Box<InUse>>) -> Self {
        Self { holder, in_use }
    }

    /// Records a success.
    pub fn success(self) {
        self.finish(false);
    }

    /// Records a failure.
    pub fn failure(self) {
        self.finish(true);
    }

    #[inline]
    fn finish(self, failed: bool) {
        self.holder.get().record(failed);
        if let Some(in_use) = self.in_use {
            in_use.end();
        }
    }

    /// Records the outcome of a call, by the hooks.
    #[doc(hidden)]
    #[inline]
    pub fn settle<R>(self, call: &mut Call, flow: &Flow<R>, hooks: &impl Hooks<R>) {
        let failed = hooks.is_failure(flow);
        if failed {
            call.judged(true);
        }
        if hooks.is_heard() || events::active() {
            self.tell(call, flow, failed, hooks);
        }
        self.finish(failed);
    }

    #[cold]
    fn tell<R>(&self, call: &Call, flow: &Flow<R>, failed: bool, hooks: &impl Hooks<R>) {
        let throttler = self.holder.get();
        let what = if failed { What::Failure } else { What::Success };
        let counters = call.counters();
        if hooks.is_heard() {
            let event =
                AdaptiveThrottlerEvent { name: throttler.name(), what, counters, outcome: flow };
            let label = throttler.label();
            listener::call("adaptive_throttler", label, counters, || hooks.hear(&event));
        }
        throttler.tell(counters, what);
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("throttler", &self.holder.get().name())
            .finish_non_exhaustive()
    }
}
