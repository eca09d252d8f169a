//! One breaker: the decisions behind a lock, and a word beside it that spares the lock to calls
//! that change nothing.

use super::core::{Change, Core};
use super::ticket::Ticket;
use super::{Listeners, Metrics, StateChanged};
use crate::attempt::Counters;
use crate::clock::{Moment, now};
use crate::current::Current;
use crate::events::{self, What};
use crate::keyed::Keyable;
use crate::label::Label;
use crate::listener::{self, Hear};
use crate::live::Mode;
use crate::registry::{Details, PolicySnapshot};
use crate::rejected::{Kind, Rejected};
use crate::site::Declaration;
use crate::state::State;
use crate::stateful::Stateful;
use failsafe_config::{CircuitBreakerConfig, Failures, PolicyConfig};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// In the word beside the lock: it is closed.
const CLOSED: u64 = 1;
/// In the word beside the lock: it is closed, and another success would change nothing.
const SETTLED: u64 = 2;
/// Where the generation begins in the word beside the lock.
const GENERATION: u32 = 2;

/// A listener given to a builder.
pub(super) type Hearer = Arc<dyn Fn(&StateChanged) + Send + Sync>;

/// One breaker, shared by everything that has its name.
pub(crate) struct Instance {
    label: Label,
    config: Current<CircuitBreakerConfig>,
    core: Mutex<Core>,
    word: AtomicU64,
    /// When its clock began: with its first use; 0 before.
    epoch: AtomicU64,
    /// What its clock read then.
    origin: u64,
    declared: Vec<&'static Listeners>,
    built: Vec<Hearer>,
}

impl Instance {
    pub(crate) fn new(label: Label, config: CircuitBreakerConfig, built: Vec<Hearer>) -> Self {
        let config = Current::new(&label, config);
        Self {
            core: Mutex::new(Core::new(config.begin())),
            config,
            label,
            word: AtomicU64::new(CLOSED),
            epoch: AtomicU64::new(0),
            origin: 0,
            declared: Vec::new(),
            built,
        }
    }

    /// The breaker of a declaration, with the listeners of all declarations of its name.
    pub(crate) fn declared(declaration: &'static Declaration) -> Self {
        let config = declaration.written().copied().unwrap_or_default();
        let mut instance = Self::new(Label::Declared(declaration), config, Vec::new());
        let namesakes = declaration.namesakes().into_iter();
        instance.declared = namesakes.filter_map(Declaration::extra).collect();
        instance
    }

    /// Sets what its clock reads when it is first used.
    pub(crate) fn with_origin(mut self, origin: Duration) -> Self {
        self.origin = crate::clock::nanos(origin);
        self
    }

    pub(crate) fn name(&self) -> &str {
        self.label.name()
    }

    pub(crate) const fn label(&self) -> &Label {
        &self.label
    }

    pub(crate) fn config(&self) -> &CircuitBreakerConfig {
        self.config.get()
    }

    /// Starts its clock now instead of at its first call.
    pub(crate) fn start_clock(&self) {
        self.now();
    }

    fn now(&self) -> u64 {
        let now = now();
        let epoch = match self.epoch.load(Ordering::Relaxed) {
            0 => {
                let first = now.nanos();
                let set =
                    self.epoch.compare_exchange(0, first, Ordering::Relaxed, Ordering::Relaxed);
                set.err().unwrap_or(first)
            }
            epoch => epoch,
        };
        let elapsed = now.since(Moment::from_nanos(epoch));
        self.origin.saturating_add(crate::clock::nanos(elapsed))
    }

    /// What decides, and the configuration that it goes by: the one in force.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn lock(&self) -> (MutexGuard<'_, Core>, &CircuitBreakerConfig) {
        let core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        match self.config.as_written() {
            Some(written) => (core, written),
            None => self.follow(core),
        }
    }

    #[cold]
    #[inline(never)]
    fn follow<'a>(
        &'a self,
        mut core: MutexGuard<'a, Core>,
    ) -> (MutexGuard<'a, Core>, &'a CircuitBreakerConfig) {
        self.config.follow(|_, config| {
            core.reconfigure(config);
            self.note(&core);
        });
        (core, self.config.of_state())
    }

    /// Writes what was decided into the word beside the lock.
    fn note(&self, core: &Core) {
        let closed = if core.state() == State::Closed { CLOSED } else { 0 };
        let settled = if core.is_settled() { SETTLED } else { 0 };
        let word = u64::from(core.generation()) << GENERATION | closed | settled;
        self.word.store(word, Ordering::Release);
    }

    /// Takes what was decided out of the lock, and tells it.
    fn publish(&self, core: MutexGuard<'_, Core>, change: Option<Change>, counters: Counters) {
        self.note(&core);
        drop(core);
        if let Some(change) = change {
            self.tell(change, counters);
        }
    }

    #[cold]
    fn tell(&self, change: Change, counters: Counters) {
        let event = StateChanged::new(self.name().to_owned(), change);
        for listeners in &self.declared {
            let specific = match change.to {
                State::Open => listeners.on_open,
                State::HalfOpen => listeners.on_half_open,
                State::Closed => listeners.on_close,
            };
            for hear in specific.into_iter().chain(listeners.on_state_changed) {
                listener::call("circuit_breaker", &self.label, counters, || hear(&event));
            }
        }
        for hear in &self.built {
            listener::call("circuit_breaker", &self.label, counters, || hear(&event));
        }
        let what = What::StateChanged { from: change.from, to: change.to };
        events::emit("circuit_breaker", || self.label.clone(), counters, what);
    }

    /// Lets a call through, if nothing but the word has to be looked at for it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn let_through(&self) -> Option<Ticket> {
        let word = self.word.load(Ordering::Acquire);
        let plain = word & CLOSED != 0
            && self.config.if_on().is_some_and(|config| config.get_slow().is_none());
        #[expect(clippy::cast_possible_truncation, reason = "a generation has 24 bits")]
        plain.then(|| Ticket::new((word >> GENERATION) as u32, false))
    }

    /// Whether another success of a call that was let through so would change nothing.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn is_settled(&self, ticket: Ticket) -> bool {
        let settled = u64::from(ticket.generation()) << GENERATION | CLOSED | SETTLED;
        ticket.is_plain() && self.word.load(Ordering::Acquire) == settled
    }

    /// Lets a call through, or not.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn acquire(
        &self,
        counters: impl FnOnce() -> Counters,
        changes: &impl Hear<StateChanged>,
    ) -> Option<Ticket> {
        match self.config.mode() {
            Mode::On => self.decide(counters, changes),
            Mode::Observe => Some(self.observe(counters(), changes)),
            Mode::Off => Some(Ticket::OUTSIDE),
        }
    }

    /// Lets every call through, and tells of those that it would not. Their outcomes are not counted:
    /// there would have been none.
    #[cold]
    fn observe(&self, counters: Counters, changes: &impl Hear<StateChanged>) -> Ticket {
        self.decide(|| counters, changes).unwrap_or_else(|| {
            self.tell_refusal(counters);
            Ticket::OUTSIDE
        })
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn decide(
        &self,
        counters: impl FnOnce() -> Counters,
        changes: &impl Hear<StateChanged>,
    ) -> Option<Ticket> {
        let word = self.word.load(Ordering::Acquire);
        if word & CLOSED == 0 {
            return self.acquire_slowly(counters(), changes);
        }
        #[expect(clippy::cast_possible_truncation, reason = "a generation has 24 bits")]
        let ticket = Ticket::new((word >> GENERATION) as u32, false);
        Some(if self.config.get().get_slow().is_some() { ticket.at(self.now()) } else { ticket })
    }

    #[cold]
    fn acquire_slowly(
        &self,
        counters: Counters,
        changes: &impl Hear<StateChanged>,
    ) -> Option<Ticket> {
        let now = self.now();
        let (mut core, config) = self.lock();
        let (granted, change) = core.acquire(config, now);
        let (generation, trial) = (core.generation(), core.state() == State::HalfOpen);
        self.publish(core, change, counters);
        self.tell_caller(change, counters, changes);
        granted.then(|| Ticket::new(generation, trial).at(now))
    }

    /// Whether a call that was let through so was slow.
    #[inline]
    pub(super) fn is_slow(&self, ticket: Ticket) -> bool {
        let Some(slow) = self.config.get().get_slow() else { return false };
        ticket.age_micros(self.now()).is_some_and(|age| u128::from(age) > slow.as_micros())
    }

    /// Records the outcome of a call that was let through so.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn settle(
        &self,
        ticket: Ticket,
        failed: bool,
        delay: impl FnOnce() -> Option<Duration>,
        counters: impl FnOnce() -> Counters,
        changes: &impl Hear<StateChanged>,
    ) {
        let settled = u64::from(ticket.generation()) << GENERATION | CLOSED | SETTLED;
        if failed || self.word.load(Ordering::Acquire) != settled {
            self.settle_slowly(ticket, failed, delay, counters(), changes);
        }
    }

    #[inline(never)]
    fn settle_slowly(
        &self,
        ticket: Ticket,
        failed: bool,
        delay: impl FnOnce() -> Option<Duration>,
        counters: Counters,
        changes: &impl Hear<StateChanged>,
    ) {
        let now = self.time_of(failed);
        let (mut core, config) = self.lock();
        let change = core.settle(config, (ticket.generation(), now), failed);
        if change.is_some_and(|change| change.to == State::Open) {
            core = self.stay_open(core, delay);
        }
        self.publish(core, change, counters);
        self.tell_caller(change, counters, changes);
    }

    /// Tells the function whose call caused a change; others hear of it by [`Self::tell`].
    fn tell_caller(
        &self,
        change: Option<Change>,
        counters: Counters,
        changes: &impl Hear<StateChanged>,
    ) {
        if let Some(change) = change.filter(|_| changes.is_heard()) {
            let event = StateChanged::new(self.name().to_owned(), change);
            listener::call("circuit_breaker", &self.label, counters, || changes.hear(&event));
        }
    }

    /// Records an outcome in the current state.
    pub(crate) fn record(&self, failed: bool) {
        if self.config.mode() == Mode::Off {
            return;
        }
        let now = self.time_of(failed);
        let (mut core, config) = self.lock();
        let change = core.record(config, now, failed);
        self.publish(core, change, Counters::default());
    }

    /// Asks how long to stay open, now that an outcome has opened it: without the lock, as it is the
    /// user's code that is asked, and it may look at the breaker or panic.
    fn stay_open<'a>(
        &'a self,
        core: MutexGuard<'a, Core>,
        delay: impl FnOnce() -> Option<Duration>,
    ) -> MutexGuard<'a, Core> {
        let generation = core.generation();
        self.note(&core);
        drop(core);
        let delay = delay();
        let (mut core, _) = self.lock();
        if let Some(delay) = delay {
            core.stay_open(generation, delay);
        }
        core
    }

    /// The time, where it matters: only by a rate can a success open it, or in a period be counted.
    fn time_of(&self, failed: bool) -> u64 {
        let counted = matches!(self.config.get().get_failures(), Failures::Count { .. });
        if failed || !counted { self.now() } else { 0 }
    }

    /// Gives back a permit whose call came to no outcome.
    pub(super) fn give_back(&self, ticket: Ticket) {
        self.lock().0.give_back(ticket.generation());
    }

    pub(crate) fn state(&self) -> State {
        self.lock().0.state()
    }

    pub(crate) fn remaining(&self) -> Duration {
        let now = self.now();
        let (core, config) = self.lock();
        core.remaining(config, now)
    }

    pub(crate) fn metrics(&self) -> Metrics {
        let now = self.now();
        Metrics::new(self.lock().0.counts(now))
    }

    /// Changes the state by hand.
    pub(crate) fn change(
        &self,
        change: impl FnOnce(&mut Core, &CircuitBreakerConfig, u64) -> Option<Change>,
    ) {
        let now = self.now();
        let (mut core, config) = self.lock();
        let change = change(&mut core, config, now);
        self.publish(core, change, Counters::default());
    }

    fn tell_refusal(&self, counters: Counters) {
        let what = What::Rejected(Kind::CircuitOpen);
        events::emit("circuit_breaker", || self.label.clone(), counters, what);
    }

    /// What a refused caller is told.
    #[cold]
    pub(super) fn refuse(&self, counters: Counters) -> Rejected {
        self.tell_refusal(counters);
        Rejected::new(Kind::CircuitOpen, self.label.clone()).after(self.remaining())
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
        let metrics = self.metrics();
        PolicySnapshot {
            policy: "circuit_breaker",
            name: self.name().to_owned(),
            details: Details::new()
                .text("state", self.state().name())
                .duration("remaining_delay_ms", self.remaining())
                .count("executions", metrics.executions())
                .count("failures", metrics.failures())
                .count("successes", metrics.successes()),
        }
    }

    fn reset(&self) {
        self.change(Core::reset);
    }

    fn reconfigure(&self, _config: &dyn PolicyConfig) {
        drop(self.lock());
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreaker")
            .field("name", &self.name())
            .field("state", &self.state())
            .field("metrics", &self.metrics())
            .finish_non_exhaustive()
    }
}
