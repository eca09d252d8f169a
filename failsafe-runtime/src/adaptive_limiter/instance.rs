//! One limiter: its permits, and behind a lock what their latencies say of the limit.

use super::core::{Core, Seen, max_limit};
use super::event::{
    ChangedListener, ExceededListener, LimitChangedEvent, LimitExceededEvent, Listeners,
};
use super::metrics::Metrics;
use super::update::{Update, span};
use super::window::{Sample, Sampled};
use crate::attempt::Counters;
use crate::clock::{Moment, nanos, now};
use crate::current::Current;
use crate::events::{self, What};
use crate::keyed::Keyable;
use crate::label::Label;
use crate::listener::{self, Hear};
use crate::live::Mode;
use crate::places::{Asked, HasPlaces, Load, Places};
use crate::prioritizer::{self, Membership, Pressure, Prioritized, Prioritizer, Queue};
use crate::priority::{Caller, Level};
use crate::registry::{Details, PolicySnapshot};
use crate::rejected::{Kind, Rejected};
use crate::site::Declaration;
use crate::stateful::Stateful;
use failsafe_config::{AdaptiveLimiterConfig, PolicyConfig};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

/// The queue of a limiter with a prioritizer, where nothing else was said.
const PRIORITIZED_QUEUE: (f64, f64) = (2.0, 3.0);

/// Bounds the limit by the calls in flight.
pub(super) type MaxLimit = Arc<dyn Fn(u32) -> f64 + Send + Sync>;

/// Whom a limiter tells, and what it asks.
#[derive(Default)]
pub(super) struct Hooks {
    pub(super) changed: Vec<ChangedListener>,
    pub(super) exceeded: Vec<ExceededListener>,
    pub(super) max_limit: Option<MaxLimit>,
}

/// One limiter, shared by everything that has its name.
pub(crate) struct Instance {
    label: Label,
    config: Current<AdaptiveLimiterConfig>,
    core: Mutex<Core>,
    places: Places,
    membership: Membership,
    /// When its clock began.
    epoch: Moment,
    hooks: Hooks,
}

impl Instance {
    pub(super) fn new(label: Label, config: AdaptiveLimiterConfig, hooks: Hooks) -> Self {
        let config = Current::new(&label, config);
        let core = Core::new(config.begin(), 0);
        let places = Places::new(core.permits());
        let (core, membership) = (Mutex::new(core), Membership::new());
        Self { label, config, core, places, membership, epoch: now(), hooks }
    }

    /// The limiter of a declaration, with the listeners of all declarations of its name.
    pub(crate) fn declared(declaration: &'static Declaration) -> Self {
        let config = declaration.written().copied().unwrap_or_default();
        let mut hooks = Hooks::default();
        let namesakes = declaration.namesakes().into_iter();
        for listeners in namesakes.filter_map(Declaration::extra::<Listeners>) {
            hooks.changed.extend(listeners.on_limit_changed.map(|hear| Arc::new(hear) as _));
            hooks.max_limit = hooks
                .max_limit
                .or_else(|| listeners.max_limit_with.map(|bound| Arc::new(bound) as _));
        }
        Self::new(Label::Declared(declaration), config, hooks)
    }

    pub(super) fn name(&self) -> &str {
        self.label.name()
    }

    pub(super) fn config(&self) -> &AdaptiveLimiterConfig {
        self.config.get()
    }

    /// Whether it acts; its limit is in the bounds then that the configuration in force says.
    pub(super) fn mode(&self) -> Mode {
        self.config.mode_after(|| self.adapt())
    }

    pub(super) fn limit(&self) -> u32 {
        if self.config.is_behind() {
            self.adapt();
        }
        self.places.max()
    }

    fn now(&self) -> u64 {
        nanos(now().since(self.epoch))
    }

    /// What decides, and the configuration that it goes by: the one in force when this is called.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn lock(&self) -> (MutexGuard<'_, Core>, &AdaptiveLimiterConfig) {
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
    ) -> (MutexGuard<'a, Core>, &'a AdaptiveLimiterConfig) {
        if self.config.is_behind() {
            drop(core);
            self.adapt();
            core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        }
        (core, self.config.of_state())
    }

    /// Goes by the configuration in force from now on.
    #[cold]
    fn adapt(&self) {
        let mut woken = Vec::new();
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        self.config.follow(|old, config| {
            core.reconfigure(old, config);
            woken = self.places.resize(core.permits());
        });
        drop(core);
        woken.into_iter().for_each(Waker::wake);
    }

    /// Joins a prioritizer, if one is named and this is the first.
    pub(super) fn join(
        &self,
        named: Option<&Prioritizer>,
        this: impl FnOnce() -> Arc<Self>,
    ) -> Option<&prioritizer::Instance> {
        self.membership.of(named, this)
    }

    /// The prioritizer, if what users use matters to it.
    pub(super) fn tracker(&self) -> Option<Arc<prioritizer::Instance>> {
        self.membership.share().filter(|prioritizer| prioritizer.tracks_usage())
    }

    /// What settings say of who makes the calls.
    pub(super) fn said_of_callers(&self) -> Caller {
        Caller::of_settings(self.config().get_caller())
    }

    /// How long a call of a function may wait.
    pub(super) fn wait(&self) -> Duration {
        let unsaid = if self.factors().is_some() { Duration::MAX } else { Duration::ZERO };
        self.config().get_wait().unwrap_or(unsaid)
    }

    /// How long the queue may be, in limits; a prioritizer needs one to see how hard it is pressed.
    fn factors(&self) -> Option<(f64, f64)> {
        let unsaid = self.prioritizer().map(|_| PRIORITIZED_QUEUE);
        self.config().get_queue().or(unsaid)
    }

    /// The prioritizer, if it has one that acts.
    fn prioritizer(&self) -> Option<&prioritizer::Instance> {
        self.membership.get().filter(|prioritizer| prioritizer.mode() == Mode::On)
    }

    /// The queue while so many wait, if its length is bounded.
    fn queue(&self, queued: u32) -> Option<Queue> {
        self.factors().map(|factors| self.queue_of(factors, queued))
    }

    fn queue_of(&self, (some, all): (f64, f64), queued: u32) -> Queue {
        let limit = f64::from(self.places.max());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a factor is at least 1, and what is too large becomes the largest"
        )]
        let length = |factor: f64| (limit * factor) as u64;
        Queue { queued: queued.into(), threshold: length(some), max: length(all) }
    }

    pub(super) fn try_enter(&self) -> Option<u32> {
        self.places.try_enter()
    }

    /// Takes a permit, or waits for one at the end of the queue if that is not too long.
    pub(super) fn ask(
        &self,
        wait: Duration,
        caller: impl FnOnce() -> Caller,
        counters: impl FnOnce() -> Counters,
    ) -> Asked {
        let watching = self.membership.get().filter(|watching| watching.mode() != Mode::Off);
        if let Some(prioritizer) = watching {
            prioritizer.keep_calibrated(counters());
        }
        let is_on = self.mode() == Mode::On;
        if let Some(in_flight) = self.try_enter() {
            return Asked::Entered(in_flight);
        }
        if wait.is_zero() {
            return Asked::Full;
        }
        let level = watching.map(|prioritizer| {
            let level = prioritizer.level_of(&caller());
            prioritizer.record_level(level);
            level
        });
        let admit = |load| self.admits(load, level);
        if is_on { self.places.ask(admit) } else { self.let_in_if(admit) }
    }

    /// A permit for a call that nothing holds back, if it would get one or might wait for one: those
    /// beyond the limit stand for those that would wait.
    fn let_in_if(&self, admit: impl FnOnce(Load) -> bool) -> Asked {
        let Load { in_flight, .. } = self.places.load();
        let waiting = in_flight.saturating_sub(self.places.max());
        if admit(Load { in_flight, waiting }) { Asked::Entered(self.let_in()) } else { Asked::Full }
    }

    /// Takes a permit, also if there is none.
    pub(super) fn let_in(&self) -> u32 {
        self.places.let_in()
    }

    /// Nobody waits for what does not act.
    pub(super) fn let_all_in_unless_on(&self) {
        if self.mode() != Mode::On {
            self.places.let_all_in().into_iter().for_each(Waker::wake);
        }
    }

    /// Whether a call of this level may wait where so many do.
    fn admits(&self, load: Load, level: Option<Level>) -> bool {
        match self.prioritizer().zip(level) {
            None => self.may_wait(load),
            Some((prioritizer, level)) => self.has_room(load) && level >= prioritizer.threshold(),
        }
    }

    /// Whether a call may wait where so many do. Chance is asked where it decides.
    fn may_wait(&self, load: Load) -> bool {
        let Some(queue) = self.queue(load.waiting) else { return true };
        let rate = queue.rejection_rate();
        rate <= 0.0 || rate < 1.0 && rate < crate::chance::unit()
    }

    /// Whether the queue is not at its end.
    fn has_room(&self, load: Load) -> bool {
        self.queue(load.waiting).is_none_or(|queue| queue.queued < queue.max)
    }

    /// Whether a call of this caller would get a permit, or might wait for one.
    pub(super) fn can_acquire(&self, caller: &Caller) -> bool {
        let load = self.places.load();
        let is_free = load.in_flight < self.places.max() && load.waiting == 0;
        if is_free || self.mode() != Mode::On {
            return true;
        }
        let level = || self.prioritizer().map(|prioritizer| prioritizer.level_of(caller));
        !self.wait().is_zero() && self.admits(load, level())
    }

    /// A call with a permit came to its end after so long, with so many in flight when it began; or
    /// it says nothing of latency. Its permit is still in use.
    pub(super) fn finish(
        &self,
        sample: Option<Sample>,
        counters: Counters,
        changes: &impl Hear<LimitChangedEvent>,
    ) {
        let now = self.now();
        let (mut core, config) = self.lock();
        let Some((recent, in_flight)) = core.sample(config, sample, now) else { return };
        let load = self.places.load();
        let full = load.in_flight >= self.places.max();
        self.decide((core, config), Seen { recent, in_flight, full, now }, counters, changes);
    }

    /// Decides by a window.
    fn decide<'a>(
        &'a self,
        (mut core, mut config): (MutexGuard<'a, Core>, &'a AdaptiveLimiterConfig),
        seen: Seen,
        counters: Counters,
        changes: &impl Hear<LimitChangedEvent>,
    ) -> Update {
        let peak = core.peak(config, seen.in_flight, seen.now);
        let bound = match &self.hooks.max_limit {
            None => max_limit(config, peak),
            Some(bound) => {
                // The user's code, which may look at the limiter or panic.
                drop(core);
                let bound = bound(peak);
                (core, config) = self.lock();
                bound
            }
        };
        let old = core.permits();
        let update = core.update(config, seen, bound);
        let new = core.permits();
        let woken = if new == old { Vec::new() } else { self.places.resize(new) };
        drop(core);
        woken.into_iter().for_each(Waker::wake);
        if new != old {
            self.tell((old, new), update, counters, changes);
        }
        update
    }

    #[cold]
    fn tell(
        &self,
        (from, to): (u32, u32),
        update: Update,
        counters: Counters,
        changes: &impl Hear<LimitChangedEvent>,
    ) {
        let event = LimitChangedEvent { name: self.name().to_owned(), from, to, update };
        for hear in &self.hooks.changed {
            listener::call("adaptive_limiter", &self.label, counters, || hear(&event));
        }
        if changes.is_heard() {
            listener::call("adaptive_limiter", &self.label, counters, || changes.hear(&event));
        }
        let what = What::LimitChanged { from, to };
        events::emit("adaptive_limiter", || self.label.clone(), counters, what);
    }

    /// Decides by a window that was made elsewhere.
    pub(super) fn update(&self, recent: f64, in_flight: u32, full: bool) -> Update {
        let seen = Seen { recent, in_flight, full, now: self.now() };
        self.decide(self.lock(), seen, Counters::default(), &listener::Unheard)
    }

    /// What the last full window said, and the end of the next.
    pub(super) fn sampled(&self) -> Option<Sampled> {
        self.lock().0.sampled()
    }

    pub(super) fn baseline(&self) -> Option<f64> {
        self.lock().0.baseline()
    }

    pub(super) fn metrics(&self) -> Metrics {
        let (core, _) = self.lock();
        let (load, update) = (self.places.load(), core.last());
        let rejection_rate = match self.queue(load.waiting) {
            Some(queue) => queue.rejection_rate(),
            None if self.wait().is_zero() => 1.0,
            None => 0.0,
        };
        Metrics {
            limit: core.limit(),
            in_flight: load.in_flight,
            max_in_flight: core.max_in_flight(),
            queued: load.waiting,
            rejection_rate,
            baseline: core.baseline().map(span),
            update,
        }
    }

    /// Tells that a call is refused, and makes what it is told.
    #[cold]
    pub(super) fn refuse<L>(&self, counters: Counters, hear: &L) -> Rejected
    where
        L: for<'e> Hear<LimitExceededEvent<'e>>,
    {
        let (load, limit) = (self.places.load(), self.places.max());
        let Load { in_flight, waiting: queued } = load;
        let event = LimitExceededEvent { name: self.name(), limit, in_flight, queued, counters };
        if hear.is_heard() {
            listener::call("adaptive_limiter", &self.label, counters, || hear.hear(&event));
        }
        for hear in &self.hooks.exceeded {
            listener::call("adaptive_limiter", &self.label, counters, || hear(&event));
        }
        let what = What::Rejected(Kind::LimitExceeded);
        events::emit("adaptive_limiter", || self.label.clone(), counters, what);
        Rejected::new(Kind::LimitExceeded, self.label.clone())
    }
}

impl HasPlaces for Instance {
    fn places(&self) -> &Places {
        &self.places
    }
}

impl Prioritized for Instance {
    /// Also to a prioritizer that only observes.
    fn pressure(&self) -> Option<Pressure> {
        let factors = self.config().get_queue().unwrap_or(PRIORITIZED_QUEUE);
        let queue = self.queue_of(factors, self.places.load().waiting);
        (self.mode() != Mode::Off).then_some(Pressure::Queue(queue))
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
        let mut details = Details::new()
            .count("limit", metrics.limit().into())
            .count("in_flight", metrics.in_flight().into())
            .count("max_in_flight", metrics.max_in_flight().into())
            .count("queued", metrics.queued().into())
            .number("rejection_rate", metrics.rejection_rate());
        if let Some(baseline) = metrics.baseline() {
            details = details.duration("baseline_ms", baseline);
        }
        if let Some(update) = metrics.update() {
            details = details.text("reason", update.reason().name());
        }
        PolicySnapshot { policy: "adaptive_limiter", name: self.name().to_owned(), details }
    }

    /// The initial limit, and nothing known of latency. Calls under way keep their permits.
    fn reset(&self) {
        let now = self.now();
        let (mut core, config) = self.lock();
        core.reset(config, now);
        let woken = self.places.resize(core.permits());
        drop(core);
        woken.into_iter().for_each(Waker::wake);
    }

    fn reconfigure(&self, _config: &dyn PolicyConfig) {
        self.adapt();
        self.let_all_in_unless_on();
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdaptiveLimiter")
            .field("name", &self.name())
            .field("metrics", &self.metrics())
            .finish_non_exhaustive()
    }
}
