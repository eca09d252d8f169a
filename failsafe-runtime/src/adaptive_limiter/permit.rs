//! A call in flight, and a call that waits to be.

use super::event::{LimitChangedEvent, LimitExceededEvent};
use super::instance::Instance;
use super::window::Sample;
use crate::attempt::{Call, Counters};
use crate::clock::{Moment, nanos, now};
use crate::listener::{Hear, Unheard};
use crate::live::Mode;
use crate::outcome::Flow;
use crate::places::{Asked, HasPlaces, Places, Waiting};
use crate::prioritizer::{self, Prioritizer};
use crate::priority::Caller;
use crate::rejected::Rejected;
use crate::source;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Where the limiter is.
pub(super) type Holder<'a> = source::Holder<'a, Instance>;

/// For whom a call is made, where it matters who uses how much.
struct Spender {
    prioritizer: Arc<prioritizer::Instance>,
    caller: Caller,
}

impl HasPlaces for Holder<'_> {
    fn places(&self) -> &Places {
        self.get().places()
    }
}

/// A call that an adaptive limiter let through.
///
/// [`record`](Self::record) says that it came to its end: its latency is a sample. A permit that is
/// dropped gives its place back and says nothing of latency, so a call that is cancelled or panics
/// does not distort the limit.
#[must_use = "a permit that is dropped is given back at once"]
pub struct Permit<'a> {
    /// None of a limiter that is switched off.
    holder: Option<Holder<'a>>,
    began: Moment,
    in_flight: u32,
    spender: Option<Box<Spender>>,
}

impl<'a> Permit<'a> {
    fn new(holder: Holder<'a>, in_flight: u32, spender: Option<Box<Spender>>) -> Self {
        Self { holder: Some(holder), began: now(), in_flight, spender }
    }

    /// That of a call for which there is no limiter.
    fn outside() -> Self {
        Self { holder: None, began: now(), in_flight: 0, spender: None }
    }

    /// A permit that was waited for.
    fn granted(holder: Holder<'a>, spender: Option<Box<Spender>>) -> Self {
        let in_flight = holder.places().load().in_flight;
        Self::new(holder, in_flight, spender)
    }

    /// Adds to what the user of this call used, in nanoseconds of work, beside the time it took:
    /// for the prioritizer, if it tracks that.
    pub fn record_usage(&self, usage: u64) {
        if let Some(spender) = &self.spender {
            if let Some(user) = spender.caller.get_user() {
                spender.prioritizer.record_usage(user, usage);
            }
        }
    }

    /// The call came to its end: its latency is a sample. The permit is given back.
    pub fn record(self) {
        self.finish(false, Counters::default, &Unheard);
    }

    /// The call failed. Its latency is a sample if it took longer than calls do when the service is
    /// well, as a call that timed out; failing fast says nothing of latency. The permit is given
    /// back.
    pub fn record_failure(self) {
        self.finish(true, Counters::default, &Unheard);
    }

    /// The call came to no end that says anything of latency: as if the permit were dropped.
    pub fn discard(self) {
        if let Some(holder) = &self.holder {
            holder.get().finish(None, Counters::default(), &Unheard);
        }
    }

    /// The call of a function came to its end.
    #[doc(hidden)]
    pub fn settle<R>(
        self,
        call: &Call,
        flow: &Flow<R>,
        failed: impl FnOnce(&Flow<R>) -> bool,
        changes: &impl Hear<LimitChangedEvent>,
    ) {
        self.finish(failed(flow), || call.counters(), changes);
    }

    fn finish(
        self,
        failed: bool,
        counters: impl FnOnce() -> Counters,
        changes: &impl Hear<LimitChangedEvent>,
    ) {
        let Some(holder) = &self.holder else { return };
        let took = nanos(now().since(self.began));
        self.record_usage(took);
        let limiter = holder.get();
        #[expect(clippy::cast_precision_loss, reason = "a latency is as good rounded")]
        let says_nothing =
            failed && limiter.baseline().is_none_or(|baseline| took as f64 <= baseline);
        let sample = Sample { nanos: took, in_flight: self.in_flight };
        limiter.finish((!says_nothing).then_some(sample), counters(), changes);
    }
}

impl Drop for Permit<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(holder) = &self.holder {
            holder.places().leave();
        }
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("limiter", &self.holder.as_ref().map(|holder| holder.get().name()))
            .field("in_flight", &self.in_flight)
            .finish_non_exhaustive()
    }
}

/// What a call is told that wants a permit.
#[doc(hidden)]
#[derive(Debug)]
#[must_use = "the permit is given back when this is dropped"]
pub enum Entry<'a> {
    /// It has one.
    Entered(Permit<'a>),
    /// It may wait for one.
    Queued(Waiter<'a>),
    /// It has none.
    Full,
}

/// What a call brings that asks for a permit.
pub(super) struct Request<'p, C, N> {
    pub(super) prioritizer: Option<&'p Prioritizer>,
    /// From what settings say of who makes the calls to who makes this one.
    pub(super) caller: C,
    pub(super) counters: N,
    /// How long it may wait; none is as the limiter was told.
    pub(super) wait: Option<Duration>,
}

/// Asks for a permit; `share` is the limiter, where a prioritizer is to watch it.
pub(super) fn enter<'a, C: FnOnce(Caller) -> Caller, N: FnOnce() -> Counters>(
    holder: Holder<'a>,
    share: impl FnOnce() -> Arc<Instance>,
    request: Request<'_, C, N>,
) -> Entry<'a> {
    let limiter = holder.get();
    if limiter.mode() == Mode::Off {
        return Entry::Entered(Permit::outside());
    }
    let Request { prioritizer, caller, counters, wait } = request;
    let is_prioritized = limiter.join(prioritizer, share).is_some();
    let wait = wait.unwrap_or_else(|| limiter.wait());
    let caller =
        if is_prioritized { caller(limiter.said_of_callers()).or_current() } else { Caller::new() };
    let spender = limiter.tracker().filter(|_| caller.get_user().is_some());
    let spender =
        spender.map(|prioritizer| Box::new(Spender { prioritizer, caller: caller.clone() }));
    match limiter.ask(wait, || caller, counters) {
        Asked::Entered(in_flight) => Entry::Entered(Permit::new(holder, in_flight, spender)),
        Asked::Queued(number) => {
            // It may have been switched since it was asked.
            limiter.let_all_in_unless_on();
            Entry::Queued(Waiter { waiting: Waiting::new(holder, number, wait), spender })
        }
        Asked::Full => Entry::Full,
    }
}

/// The permit of who has asked for one and got none, and is told nothing: none while it is on.
pub(super) fn let_through(holder: Holder<'_>) -> Option<Permit<'_>> {
    match holder.get().mode() {
        Mode::On => None,
        Mode::Off => Some(Permit::outside()),
        Mode::Observe => {
            let in_flight = holder.get().let_in();
            Some(Permit::new(holder, in_flight, None))
        }
    }
}

/// What a call without a permit is told, and whether it goes on all the same.
pub(super) fn refuse<'a, L>(
    holder: Holder<'a>,
    counters: Counters,
    hear: &L,
) -> Result<Permit<'a>, Rejected>
where
    L: for<'e> Hear<LimitExceededEvent<'e>>,
{
    if holder.get().mode() == Mode::Off {
        return Ok(Permit::outside());
    }
    let rejected = holder.get().refuse(counters, hear);
    let_through(holder).ok_or(rejected)
}

/// A call in the queue. Dropped, it leaves it, and a permit it was given goes to the next.
#[doc(hidden)]
pub struct Waiter<'a> {
    waiting: Waiting<Holder<'a>>,
    spender: Option<Box<Spender>>,
}

impl<'a> Waiter<'a> {
    /// Waits for a permit; none if that takes too long.
    pub async fn wait(self) -> Option<Permit<'a>> {
        let Self { waiting, spender } = self;
        waiting.wait().await.map(|holder| Permit::granted(holder, spender))
    }

    /// Blocks the thread until there is a permit; none if that takes too long.
    pub fn block(self) -> Option<Permit<'a>> {
        let Self { waiting, spender } = self;
        waiting.block().map(|holder| Permit::granted(holder, spender))
    }
}

impl fmt::Debug for Waiter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Waiter").field(&self.waiting).finish()
    }
}
