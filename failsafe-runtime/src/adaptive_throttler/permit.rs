use super::instance::Instance;
use super::{Hooks, ThrottledEvent};
use crate::attempt::{Call, Counters};
use crate::judged;
use crate::listener::Hear;
use crate::live::Mode;
use crate::outcome::Flow;
use crate::prioritizer::{InUse, Prioritizer};
use crate::priority::Caller;
use crate::rejected::Rejected;
use crate::source;
use std::fmt;
use std::sync::Arc;

/// Where the throttler is.
pub(super) type Holder<'a> = source::Holder<'a, Instance>;

/// Lets a call through, or says why not; `share` is the throttler, where a prioritizer is to watch it.
#[inline]
pub(super) fn enter<'a, L>(
    holder: Holder<'a>,
    share: impl FnOnce() -> Arc<Instance>,
    (prioritizer, caller): (Option<&Prioritizer>, impl FnOnce(Caller) -> Caller),
    counters: impl Fn() -> Counters,
    hear: &L,
) -> Result<Permit<'a>, Rejected>
where
    L: for<'e> Hear<ThrottledEvent<'e>>,
{
    let throttler = holder.get();
    let mode = throttler.mode();
    if mode == Mode::Off {
        return Ok(Permit::outside());
    }
    match throttler.admit(prioritizer, share, caller, &counters) {
        Ok(in_use) => Ok(Permit::new(holder, in_use)),
        Err(refused) => {
            let rejected = throttler.refuse(&refused, counters(), hear);
            // The outcome of a call that should not have been is not counted.
            if mode == Mode::On { Err(rejected) } else { Ok(Permit::outside()) }
        }
    }
}

/// A call that an adaptive throttler let through.
///
/// Say how it ended with [`success`](Self::success) or [`failure`](Self::failure). A permit that is
/// dropped counts as neither, so a call that is cancelled or panics says nothing about the service.
#[must_use = "a permit that is dropped counts as neither success nor failure"]
pub struct Permit<'a> {
    /// None of a call that goes on as if there were no throttler.
    holder: Option<Holder<'a>>,
    /// Boxed, as a permit is part of the future of every call, and this is rare.
    in_use: Option<Box<InUse>>,
}

impl<'a> Permit<'a> {
    pub(super) const fn new(holder: Holder<'a>, in_use: Option<Box<InUse>>) -> Self {
        Self { holder: Some(holder), in_use }
    }

    pub(super) const fn outside() -> Self {
        Self { holder: None, in_use: None }
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
        if let Some(holder) = &self.holder {
            holder.get().record(failed);
        }
        if let Some(in_use) = self.in_use {
            in_use.end();
        }
    }

    /// Records the outcome of a call, by the hooks.
    #[doc(hidden)]
    #[inline]
    pub fn settle<R>(self, call: &mut Call, flow: &Flow<R>, hooks: &impl Hooks<R>) {
        let Some(holder) = &self.holder else { return };
        let failed = judged::judge(call, flow, hooks);
        if judged::is_heard(hooks) {
            let label = holder.get().label();
            judged::tell(("adaptive_throttler", label), call, flow, failed, hooks);
        }
        self.finish(failed);
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("throttler", &self.holder.as_ref().map(|holder| holder.get().name()))
            .finish_non_exhaustive()
    }
}
