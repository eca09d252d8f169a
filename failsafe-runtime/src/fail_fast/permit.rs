//! A call that goes on, and one that has to probe first.

#![expect(clippy::inline_always, reason = "a call across it costs more than the decision")]

use super::core::Admission;
use super::instance::Instance;
use super::{FailFastEvent, Hooks};
use crate::attempt::{Call, Counters, LastFailure};
use crate::events::What;
use crate::judged;
use crate::listener::{self, Hear, Unheard};
use crate::live::Mode;
use crate::outcome::Flow;
use crate::probe::{Ended, Limited, Probing};
use crate::source;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Where the fail-fast is.
pub(super) type Holder<'a> = source::Holder<'a, Instance>;

/// What a call is told.
#[doc(hidden)]
#[derive(Debug)]
pub enum Entry<'a> {
    /// It goes on.
    Entered(Permit<'a>),
    /// It has to find out whether it may.
    Due(Turn<'a>),
    /// It does not go on.
    Refused,
}

/// Asks for a call whether it may go on; it may have a probe of its own.
#[inline(always)]
pub(super) fn enter(holder: Holder<'_>, by_caller: bool, when: impl FnOnce() -> bool) -> Entry<'_> {
    if holder.get().mode() == Mode::Off {
        return Entry::Entered(Permit::idle());
    }
    let Some(generation) = holder.get().generation() else {
        return enter_failed(holder, by_caller, when);
    };
    if holder.get().is_turned_away() || when() {
        return Entry::Refused;
    }
    Entry::Entered(Permit::new(holder, generation))
}

#[cold]
fn enter_failed(holder: Holder<'_>, by_caller: bool, when: impl FnOnce() -> bool) -> Entry<'_> {
    let entry = match holder.get().admit(by_caller) {
        Admission::Refused => return Entry::Refused,
        Admission::Enters(generation) => Entry::Entered(Permit::new(holder, generation)),
        Admission::Probes(number) => {
            let turn = Turn::new(holder, number);
            if turn.instance().mode() == Mode::On {
                Entry::Due(turn)
            } else {
                // No call waits for a probe of a policy that is not there: it is the probe itself.
                Entry::Entered(Permit::rare(Rare::Trial(turn, by_caller)))
            }
        }
    };
    // A call that does not go on anyway gives its turn back.
    let is_turned_away = match &entry {
        Entry::Entered(permit) => permit.instance().is_some_and(Instance::is_turned_away),
        Entry::Due(turn) => turn.instance().is_turned_away(),
        Entry::Refused => true,
    };
    if is_turned_away || when() { Entry::Refused } else { entry }
}

/// Lets a call go on that an instance would refuse, if it only observes, or was switched off since;
/// the first is told.
#[cold]
pub(super) fn observe<'a, L>(
    instance: &Instance,
    by_caller: bool,
    call: &Call,
    hear: &L,
) -> Option<Permit<'a>>
where
    L: for<'e> Hear<FailFastEvent<'e>>,
{
    match instance.mode() {
        Mode::On => return None,
        Mode::Observe => drop(instance.refuse(by_caller, call.counters(), hear)),
        Mode::Off => {}
    }
    Some(Permit::idle())
}

/// A call that a fail-fast let go on.
///
/// Say how it ended with [`success`](Self::success) or [`failure`](Self::failure). A permit that is
/// dropped counts as neither, and so does one from before the last change of state.
#[must_use = "a permit that is dropped counts as neither success nor failure"]
pub struct Permit<'a>(Place<'a>);

/// Whose permit it is, and of which generation. The rare form is boxed, as a permit is part of the
/// future of every call.
enum Place<'a> {
    Borrowed(&'a Instance, u64),
    /// None counts nothing.
    Rare(Option<Box<Rare<'a>>>),
}

enum Rare<'a> {
    /// Of a scoped registry.
    Shared(Arc<Instance>, u64),
    /// Its outcome is what a probe would say; and whether the caller has a probe.
    Trial(Turn<'a>, bool),
}

impl<'a> Permit<'a> {
    #[inline(always)]
    fn new(holder: Holder<'a>, generation: u64) -> Self {
        Self(match holder {
            Holder::Borrowed(instance) => Place::Borrowed(instance, generation),
            Holder::Shared(instance) => return Self::rare(Rare::Shared(instance, generation)),
        })
    }

    fn rare(rare: Rare<'a>) -> Self {
        Self(Place::Rare(Some(Box::new(rare))))
    }

    /// A permit whose outcome counts for nothing.
    const fn idle() -> Self {
        Self(Place::Rare(None))
    }

    /// Whose outcome it is; nobody's, where the policy is not there, or no longer.
    #[inline(always)]
    fn instance(&self) -> Option<&Instance> {
        let instance = match &self.0 {
            Place::Borrowed(instance, _) => *instance,
            Place::Rare(rare) => match &**rare.as_ref()? {
                Rare::Shared(instance, _) => instance,
                Rare::Trial(turn, _) => turn.instance(),
            },
        };
        (instance.mode() != Mode::Off).then_some(instance)
    }

    /// Records a success: failures in a row are counted anew.
    pub fn success(self) {
        self.finish(false, || None, Counters::default, &Unheard);
    }

    /// Records a failure.
    pub fn failure(self) {
        self.finish(true, || None, Counters::default, &Unheard);
    }

    /// Records a failure, and how it failed.
    pub fn failure_of(self, failure: impl Into<String>) {
        let why = || Some(LastFailure::Outcome(failure.into()));
        self.finish(true, why, Counters::default, &Unheard);
    }

    #[inline(always)]
    fn finish<L>(
        self,
        failed: bool,
        why: impl FnOnce() -> Option<LastFailure>,
        counters: impl FnOnce() -> Counters,
        hear: &L,
    ) where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        if self.instance().is_none() {
            return;
        }
        match self.0 {
            Place::Borrowed(instance, generation) => {
                instance.settle(generation, failed, why, counters, hear);
            }
            Place::Rare(rare) => match rare.map(|rare| *rare) {
                Some(Rare::Shared(instance, generation)) => {
                    instance.settle(generation, failed, why, counters, hear);
                }
                Some(Rare::Trial(turn, by_caller)) => {
                    turn.end_by(!failed, by_caller, counters(), hear);
                }
                None => {}
            },
        }
    }

    /// Records the outcome of a call, by the hooks.
    #[doc(hidden)]
    #[inline(always)]
    pub fn settle<R, L>(self, call: &mut Call, flow: &Flow<R>, hooks: &impl Hooks<R>, hear: &L)
    where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        let Some(instance) = self.instance() else { return };
        let failed = judged::judge(call, flow, hooks);
        if judged::is_heard(hooks) {
            judged::tell(("fail_fast", instance.label()), call, flow, failed, hooks);
        }
        let why = || {
            Some(match flow {
                Ok(outcome) => LastFailure::Outcome(hooks.describe(outcome)),
                Err(rejected) => LastFailure::Rejected(rejected.clone()),
            })
        };
        self.finish(failed, why, || call.counters(), hear);
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.instance().map(Instance::name);
        f.debug_struct("Permit").field("fail_fast", &name).finish_non_exhaustive()
    }
}

/// The turn to probe. Dropped before the probe has ended, it goes to the next call. It is boxed, as
/// is the probe: both are rare, and would be part of the future of every call.
#[doc(hidden)]
#[must_use = "the turn goes to the next call when this is dropped"]
pub struct Turn<'a>(Box<Held<'a>>);

struct Held<'a> {
    /// `None` once the probe has ended.
    holder: Option<Holder<'a>>,
    number: u64,
}

impl<'a> Turn<'a> {
    pub(super) fn new(holder: Holder<'a>, number: u64) -> Self {
        Self(Box::new(Held { holder: Some(holder), number }))
    }

    fn instance(&self) -> &Instance {
        self.0.holder.as_ref().expect("its probe has not ended").get()
    }

    /// Runs the probe of a call, at most as long as the time between two.
    pub fn ask<F: Future<Output = bool>>(
        self,
        probe: impl FnOnce() -> F,
    ) -> Pin<Box<impl Future<Output = Asked<'a>>>> {
        Box::pin(async move {
            let ended = match listener::guard(probe) {
                Ok(probe) => Limited::new(probe, self.instance().config().get_every()).await,
                Err(()) => Err(()),
            };
            self.with(ended)
        })
    }

    /// Runs the probe of a call in a blocking function.
    pub fn block(self, probe: impl FnOnce() -> bool) -> Asked<'a> {
        self.with(listener::guard(probe))
    }

    /// Runs the probe that belongs to the instance.
    pub fn ask_itself(self) -> Pin<Box<impl Future<Output = Asked<'a>>>> {
        Box::pin(async move {
            let ended = match listener::guard(|| self.instance().ask(true)) {
                Ok(Some(probe)) => Limited::new(probe, self.instance().config().get_every()).await,
                Ok(None) => return Asked(None),
                Err(()) => Err(()),
            };
            self.with(ended)
        })
    }

    /// Runs the probe that belongs to the instance, if it does not have to wait.
    pub fn block_itself(self) -> Asked<'a> {
        let ended = match listener::guard(|| self.instance().ask(false)) {
            Ok(Some(Probing::Ended(verdict))) => Ok(verdict),
            Ok(_) => return Asked(None),
            Err(()) => Err(()),
        };
        self.with(ended)
    }

    /// The call that would have probed has ended, and says by that whether it has recovered. If not,
    /// the probe would have had it refused.
    fn end_by<L>(mut self, recovered: bool, by_caller: bool, counters: Counters, hear: &L)
    where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        let Some(holder) = self.0.holder.take() else { return };
        holder.get().probed(self.0.number, recovered, counters, hear);
        if !recovered {
            drop(holder.get().refuse(by_caller, counters, hear));
        }
    }

    fn with(self, ended: Ended) -> Asked<'a> {
        let recovered = ended.unwrap_or_else(|()| {
            self.instance().told(Counters::default(), What::ListenerPanicked);
            false
        });
        Asked(Some((self, recovered)))
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(holder) = &self.holder {
            holder.get().give_back(self.number);
        }
    }
}

/// A probe that has ended, if it was run at all.
#[doc(hidden)]
#[derive(Debug)]
pub struct Asked<'a>(Option<(Turn<'a>, bool)>);

impl<'a> Asked<'a> {
    /// Whether the call goes on.
    pub fn end<L>(self, call: &Call, hear: &L) -> Option<Permit<'a>>
    where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        self.conclude(call.counters(), hear)
    }

    /// The same, of a probe that no call runs.
    pub(super) fn end_alone(self) -> Option<Permit<'a>> {
        self.conclude(Counters::default(), &Unheard)
    }

    fn conclude<L>(self, counters: Counters, hear: &L) -> Option<Permit<'a>>
    where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        let (mut turn, recovered) = self.0?;
        let holder = turn.0.holder.take()?;
        holder.get().probed(turn.0.number, recovered, counters, hear);
        let generation = holder.get().generation()?;
        Some(Permit::new(holder, generation))
    }
}

impl fmt::Debug for Turn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("number", &self.0.number).finish_non_exhaustive()
    }
}
