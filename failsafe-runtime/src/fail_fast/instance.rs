//! One fail-fast: the decisions behind a lock, and a word beside it that spares the lock to calls
//! that change nothing.

#![expect(clippy::inline_always, reason = "a call across it costs more than the decision")]

use super::core::{Admission, Core, Episode};
use super::{FailFastEvent, Listeners};
use crate::attempt::{Counters, LastFailure};
use crate::clock::{Moment, now};
use crate::events::{self, What};
use crate::keyed::Keyable;
use crate::label::Label;
use crate::listener::{self, Hear};
use crate::live::Mode;
use crate::probe::Probing;
use crate::registry::{Details, PolicySnapshot};
use crate::rejected::{Kind, Rejected};
use crate::site::Declaration;
use crate::stateful::Stateful;
use failsafe_config::{FailFastConfig, PolicyConfig};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// In the word beside the lock: it is in the failed state.
const FAILED: u64 = 1;
/// In the word beside the lock: there were failures, so a success changes something.
const COUNTING: u64 = 2;
/// Where the generation begins in the word beside the lock.
const GENERATION: u32 = 2;

/// A listener in a builder, with the event it hears of.
type Listener = (&'static str, Arc<dyn Fn(&FailFastEvent<'_>) + Send + Sync>);

/// What a builder tells an instance beside its configuration.
#[derive(Default)]
pub(super) struct Given {
    pub(super) when: Vec<Arc<dyn Fn() -> bool + Send + Sync>>,
    pub(super) listeners: Vec<Listener>,
    pub(super) probe: Option<Arc<dyn Fn(bool) -> Option<Probing> + Send + Sync>>,
}

/// One fail-fast, shared by everything that has its name.
pub(crate) struct Instance {
    label: Label,
    /// Who is told at run time; the label of one for a key does not say it.
    declaration: Option<&'static Declaration>,
    /// As it is written; settings may say otherwise.
    config: FailFastConfig,
    core: Mutex<Core>,
    word: AtomicU64,
    /// Wakes those who watch, when it enters the failed state or is told other options.
    changed: Notify,
    built: Given,
    declared: Vec<&'static Listeners>,
}

impl Instance {
    pub(super) fn new(label: Label, config: FailFastConfig, built: Given) -> Self {
        Self {
            label,
            declaration: None,
            config,
            core: Mutex::new(Core::new()),
            word: AtomicU64::new(0),
            changed: Notify::new(),
            built,
            declared: Vec::new(),
        }
    }

    /// The fail-fast of a declaration, with the listeners and the probe of all declarations of its
    /// name.
    pub(crate) fn declared(declaration: &'static Declaration) -> Self {
        let config = declaration.written().copied().unwrap_or_default();
        let mut instance = Self::new(Label::Declared(declaration), config, Given::default());
        instance.declaration = Some(declaration);
        let namesakes = declaration.namesakes().into_iter();
        instance.declared = namesakes.filter_map(Declaration::extra).collect();
        instance
    }

    pub(super) const fn label(&self) -> &Label {
        &self.label
    }

    pub(super) fn name(&self) -> &str {
        self.label.name()
    }

    /// The options in force.
    #[inline]
    pub(super) fn config(&self) -> &FailFastConfig {
        self.declaration.map_or(&self.config, |declaration| declaration.in_force(&self.config))
    }

    /// Whether it acts.
    #[inline(always)]
    pub(super) fn mode(&self) -> Mode {
        self.declaration.map_or(Mode::On, Declaration::mode)
    }

    pub(super) const fn changed(&self) -> &Notify {
        &self.changed
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what was decided into the word beside the lock.
    fn note(&self, core: &Core) {
        let failed = if core.episode().is_some() { FAILED } else { 0 };
        let counting = if core.is_counting() { COUNTING } else { 0 };
        self.word.store(core.generation() << GENERATION | failed | counting, Ordering::Release);
    }

    pub(super) fn is_failed(&self) -> bool {
        self.word.load(Ordering::Acquire) & FAILED != 0
    }

    /// The generation that a call belongs to that goes on now; `None` in the failed state.
    #[inline(always)]
    pub(super) fn generation(&self) -> Option<u64> {
        let word = self.word.load(Ordering::Acquire);
        (word & FAILED == 0).then_some(word >> GENERATION)
    }

    /// Whether a predicate of the builder refuses the call.
    #[inline(always)]
    pub(super) fn is_turned_away(&self) -> bool {
        !self.built.when.is_empty() && self.built.when.iter().any(|when| when())
    }

    /// Begins the probe that belongs to it; `None` if there is none, or it has to wait and may not.
    pub(super) fn ask(&self, may_wait: bool) -> Option<Probing> {
        if let Some(ask) = &self.built.probe {
            return ask(may_wait);
        }
        self.declared.iter().find_map(|declared| declared.probe)?(may_wait)
    }

    /// How long to wait between probes, if anybody probes: the caller, or it has a probe itself.
    pub(super) fn every(&self, by_caller: bool) -> Option<Duration> {
        let itself = || {
            self.built.probe.is_some() || self.declared.iter().any(|other| other.probe.is_some())
        };
        (by_caller || itself()).then(|| self.config().get_every())
    }

    /// What a call is told in the failed state.
    #[cold]
    pub(super) fn admit(&self, by_caller: bool) -> Admission {
        let every = self.every(by_caller);
        let now = now();
        self.lock().admit(now, every)
    }

    /// A turn at probing now, whether one is due or not.
    pub(super) fn turn_now(&self) -> Option<u64> {
        let now = now();
        self.lock().probe_now(now, self.config().get_every())
    }

    pub(super) fn give_back(&self, turn: u64) {
        self.lock().give_back(turn);
    }

    /// A probe has ended.
    pub(super) fn probed<L>(&self, turn: u64, recovered: bool, counters: Counters, hear: &L)
    where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        let now = now();
        let mut core = self.lock();
        let over = core.probed(turn, now, recovered);
        self.note(&core);
        drop(core);
        self.recovered(over.as_ref(), counters, hear);
    }

    /// Tells what has no listeners of its own.
    #[cold]
    pub(super) fn told(&self, counters: Counters, what: What) {
        events::emit("fail_fast", || self.label.clone(), counters, what);
    }

    /// Records the outcome of a call that went on in that generation.
    #[inline(always)]
    pub(super) fn settle<L>(
        &self,
        generation: u64,
        failed: bool,
        why: impl FnOnce() -> Option<LastFailure>,
        counters: impl FnOnce() -> Counters,
        hear: &L,
    ) where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        if failed || self.word.load(Ordering::Acquire) != generation << GENERATION {
            self.settle_slowly(generation, failed, why, counters(), hear);
        }
    }

    #[inline(never)]
    fn settle_slowly<L>(
        &self,
        generation: u64,
        failed: bool,
        why: impl FnOnce() -> Option<LastFailure>,
        counters: Counters,
        hear: &L,
    ) where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        let most = self.config().get_failures();
        self.change(why, counters, hear, |core, now| core.settle((generation, now), failed, most));
    }

    /// Changes the state by a decision that says whether it entered the failed state. Why it did is
    /// asked without the lock, as it is the user's code that describes it.
    pub(super) fn change<L>(
        &self,
        why: impl FnOnce() -> Option<LastFailure>,
        counters: Counters,
        hear: &L,
        decide: impl FnOnce(&mut Core, Moment) -> bool,
    ) where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        let now = now();
        let mut core = self.lock();
        let tripped = decide(&mut core, now);
        self.note(&core);
        let generation = core.generation();
        drop(core);
        if tripped {
            if let Some(why) = why() {
                self.lock().because(generation, Arc::new(why));
            }
            self.changed.notify_waiters();
            let episode = self.episode();
            self.tell(What::Failed, episode.as_ref(), counters, hear);
        }
    }

    /// Ends the failed state by hand.
    pub(super) fn end(&self, end: impl FnOnce(&mut Core) -> Option<Episode>) {
        let mut core = self.lock();
        let over = end(&mut core);
        self.note(&core);
        drop(core);
        self.recovered(over.as_ref(), Counters::default(), &listener::Unheard);
    }

    fn recovered<L>(&self, over: Option<&Episode>, counters: Counters, hear: &L)
    where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        if over.is_some() {
            self.tell(What::Recovered, over, counters, hear);
        }
    }

    /// Tells of a change of state: the instance's listeners, then the function whose call it was.
    #[cold]
    fn tell<L>(&self, what: What, episode: Option<&Episode>, counters: Counters, hear: &L)
    where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        let event = self.event(what.name(), episode, counters);
        let of_event = |declared: &&'static Listeners| {
            if event.is("failed") { declared.on_failed } else { declared.on_recovered }
        };
        for hear in self.declared.iter().filter_map(of_event) {
            listener::call("fail_fast", &self.label, counters, || hear(&event));
        }
        self.hear(&event, hear);
        events::emit("fail_fast", || self.label.clone(), counters, what);
    }

    fn event<'a>(
        &'a self,
        what: &'static str,
        episode: Option<&'a Episode>,
        counters: Counters,
    ) -> FailFastEvent<'a> {
        FailFastEvent {
            name: self.name(),
            what,
            counters,
            failures: episode.map_or(0, |episode| episode.failures),
            failed_for: episode.map(|episode| now().since(episode.since)),
            why: episode.and_then(|episode| episode.why.as_deref()),
        }
    }

    fn hear<L>(&self, event: &FailFastEvent<'_>, hear: &L)
    where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        for (_, hear) in self.built.listeners.iter().filter(|(name, _)| event.is(name)) {
            listener::call("fail_fast", &self.label, event.counters, || hear(event));
        }
        if hear.is_heard() {
            listener::call("fail_fast", &self.label, event.counters, || hear.hear(event));
        }
    }

    /// Tells that a call is refused, and makes what it is told.
    #[cold]
    pub(super) fn refuse<L>(&self, by_caller: bool, counters: Counters, hear: &L) -> Rejected
    where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        let episode = self.episode();
        if hear.is_heard() || !self.built.listeners.is_empty() {
            self.hear(&self.event("fail_fast", episode.as_ref(), counters), hear);
        }
        let what = What::Rejected(Kind::FailFast);
        events::emit("fail_fast", || self.label.clone(), counters, what);
        let rejected = Rejected::new(Kind::FailFast, self.label.clone());
        let next = episode.zip(self.every(by_caller));
        match next.map(|(episode, every)| episode.until_probe(now(), every)) {
            Some(rest) => rejected.after(rest),
            None => rejected,
        }
    }

    /// What is known of the failed state it is in.
    pub(super) fn episode(&self) -> Option<Episode> {
        self.lock().episode().cloned()
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.lock().failures()
    }

    /// How long until the probe that belongs to it is due; `None` while none will be.
    pub(super) fn until_probe(&self) -> Option<Duration> {
        let every = self.every(false)?;
        Some(self.episode()?.until_probe(now(), every))
    }
}

impl Keyable for Instance {
    fn label_mut(&mut self) -> &mut Label {
        &mut self.label
    }
}

impl Stateful for Instance {
    fn name(&self) -> &str {
        self.label.name()
    }

    fn snapshot(&self) -> PolicySnapshot {
        let episode = self.episode();
        let state = if episode.is_some() { "failed" } else { "healthy" };
        let mut details =
            Details::new().text("state", state).count("failures", self.failures().into());
        if let Some(episode) = episode {
            details = details
                .duration("failed_for_ms", now().since(episode.since))
                .count("probes", episode.probes);
            if let Some(every) = self.every(false) {
                details = details.duration("next_probe_ms", episode.until_probe(now(), every));
            }
        }
        PolicySnapshot { policy: "fail_fast", name: self.name().to_owned(), details }
    }

    fn reset(&self) {
        self.end(Core::reset);
    }

    fn reconfigure(&self, _config: &dyn PolicyConfig) {
        self.changed.notify_waiters();
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailFast")
            .field("name", &self.name())
            .field("failed", &self.is_failed())
            .field("failures", &self.failures())
            .finish_non_exhaustive()
    }
}
