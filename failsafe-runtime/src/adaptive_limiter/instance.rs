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
use crate::events::{self, What};
use crate::keyed::Keyable;
use crate::label::Label;
use crate::listener::{self, Hear};
use crate::places::{Asked, HasPlaces, Load, Places};
use crate::prioritizer::{self, Membership, Pressure, Prioritized, Prioritizer, Queue};
use crate::priority::Caller;
use crate::registry::{Details, PolicySnapshot};
use crate::rejected::{Kind, Rejected};
use crate::site::Declaration;
use crate::stateful::Stateful;
use failsafe_config::AdaptiveLimiterConfig;
use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    config: AdaptiveLimiterConfig,
    core: Mutex<Core>,
    places: Places,
    membership: Membership,
    /// When its clock began.
    epoch: Moment,
    hooks: Hooks,
}

impl Instance {
    pub(super) fn new(label: Label, config: AdaptiveLimiterConfig, hooks: Hooks) -> Self {
        let core = Core::new(&config, 0);
        let places = Places::new(core.permits());
        let (core, membership) = (Mutex::new(core), Membership::new());
        Self { label, config, core, places, membership, epoch: now(), hooks }
    }

    /// The limiter of a declaration, with the listeners of all declarations of its name.
    pub(crate) fn declared(declaration: &'static Declaration) -> Self {
        let config = declaration.config().copied().unwrap_or_default();
        let mut hooks = Hooks::default();
        let namesakes = declaration.namesakes().into_iter();
        for listeners in namesakes.filter_map(Declaration::extra::<Listeners>) {
            hooks.changed.extend(listeners.limit_changed().map(|hear| Arc::new(hear) as _));
            hooks.max_limit =
                hooks.max_limit.or_else(|| listeners.max_limit().map(|bound| Arc::new(bound) as _));
        }
        Self::new(Label::Declared(declaration), config, hooks)
    }

    pub(super) fn name(&self) -> &str {
        self.label.name()
    }

    pub(super) const fn config(&self) -> &AdaptiveLimiterConfig {
        &self.config
    }

    pub(super) fn limit(&self) -> u32 {
        self.places.max()
    }

    fn now(&self) -> u64 {
        nanos(now().since(self.epoch))
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// How long a call of a function may wait.
    pub(super) fn wait(&self) -> Duration {
        let unsaid = if self.factors().is_some() { Duration::MAX } else { Duration::ZERO };
        self.config.get_wait().unwrap_or(unsaid)
    }

    /// How long the queue may be, in limits; a prioritizer needs one to see how hard it is pressed.
    fn factors(&self) -> Option<(f64, f64)> {
        let unsaid = self.membership.get().map(|_| PRIORITIZED_QUEUE);
        self.config.get_queue().or(unsaid)
    }

    /// The queue while so many wait, if its length is bounded.
    fn queue(&self, queued: u32) -> Option<Queue> {
        let (some, all) = self.factors()?;
        let limit = f64::from(self.places.max());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a factor is at least 1, and what is too large becomes the largest"
        )]
        let length = |factor: f64| (limit * factor) as u64;
        Some(Queue { queued: queued.into(), threshold: length(some), max: length(all) })
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
        let prioritizer = self.membership.get();
        if let Some(prioritizer) = prioritizer {
            prioritizer.keep_calibrated(counters());
        }
        if let Some(in_flight) = self.try_enter() {
            return Asked::Entered(in_flight);
        }
        if wait.is_zero() {
            return Asked::Full;
        }
        let Some(prioritizer) = prioritizer else {
            return self.places.ask(|load| self.may_wait(load));
        };
        let level = prioritizer.level_of(&caller());
        prioritizer.record_level(level);
        self.places.ask(|load| self.has_room(load) && level >= prioritizer.threshold())
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
        if load.in_flight < self.places.max() && load.waiting == 0 {
            return true;
        }
        if self.wait().is_zero() {
            return false;
        }
        match self.membership.get() {
            None => self.may_wait(load),
            Some(prioritizer) => {
                self.has_room(load) && prioritizer.level_of(caller) >= prioritizer.threshold()
            }
        }
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
        let mut core = self.lock();
        let Some((recent, in_flight)) = core.sample(&self.config, sample, now) else { return };
        let load = self.places.load();
        let full = load.in_flight >= self.places.max();
        self.decide(core, Seen { recent, in_flight, full, now }, counters, changes);
    }

    /// Decides by a window.
    fn decide<'a>(
        &'a self,
        mut core: MutexGuard<'a, Core>,
        seen: Seen,
        counters: Counters,
        changes: &impl Hear<LimitChangedEvent>,
    ) -> Update {
        let peak = core.peak(&self.config, seen.in_flight, seen.now);
        let bound = match &self.hooks.max_limit {
            None => max_limit(&self.config, peak),
            Some(bound) => {
                // The user's code, which may look at the limiter or panic.
                drop(core);
                let bound = bound(peak);
                core = self.lock();
                bound
            }
        };
        let old = core.permits();
        let update = core.update(&self.config, seen, bound);
        let new = core.permits();
        let woken = if new == old { Vec::new() } else { self.places.resize(new) };
        drop(core);
        for waker in woken {
            waker.wake();
        }
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
        self.lock().sampled()
    }

    pub(super) fn baseline(&self) -> Option<f64> {
        self.lock().baseline()
    }

    pub(super) fn metrics(&self) -> Metrics {
        let core = self.lock();
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
    fn pressure(&self) -> Pressure {
        Pressure::Queue(self.queue(self.places.load().waiting).unwrap_or_default())
    }
}

impl Keyable for Instance {
    fn keyed(declaration: &'static Declaration, key: &dyn fmt::Debug) -> Self {
        let mut instance = Self::declared(declaration);
        instance.label = Label::Given(format!("{}[{key:?}]", declaration.name()).into());
        instance
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
        let mut core = self.lock();
        core.reset(&self.config, now);
        let woken = self.places.resize(core.permits());
        drop(core);
        for waker in woken {
            waker.wake();
        }
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
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
