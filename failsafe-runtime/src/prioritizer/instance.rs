//! One prioritizer: whom it watches, and the level from which on calls go through.

use super::core::{self, Pressure};
use super::event::{Hearer, Listeners, ThresholdChanged};
use super::trackers::Trackers;
use crate::attempt::Counters;
use crate::clock::{self, Moment, now};
use crate::current::Current;
use crate::events::{self, What};
use crate::label::Label;
use crate::listener;
use crate::live::Mode;
use crate::priority::{Caller, Level, UsageTracker};
use crate::registry::{Details, PolicySnapshot};
use crate::site::Declaration;
use crate::stateful::Stateful;
use failsafe_config::{PolicyConfig, PrioritizerConfig};
use std::fmt;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

/// A policy that a prioritizer watches.
pub(crate) trait Prioritized: Send + Sync {
    /// How hard it is pressed now; nobody presses one that is switched off.
    fn pressure(&self) -> Option<Pressure>;
}

/// One prioritizer, shared by everything that has its name.
pub(crate) struct Instance {
    label: Label,
    config: Current<PrioritizerConfig>,
    levels: Trackers,
    /// Made when usage is tracked for the first time.
    usage: OnceLock<UsageTracker>,
    /// Whoever is gone is not watched.
    policies: Mutex<Vec<Weak<dyn Prioritized>>>,
    threshold: AtomicU16,
    /// The bits of the share of calls that is too many.
    rejection_rate: AtomicU64,
    /// When it was calibrated last, as the calls see it; 0 is never.
    calibrated: AtomicU64,
    declared: Vec<&'static Listeners>,
    built: Vec<Hearer>,
}

impl Instance {
    pub(super) fn new(label: Label, config: PrioritizerConfig, built: Vec<Hearer>) -> Self {
        let config = Current::new(&label, config);
        let instance = Self {
            levels: Trackers::new(config.get().get_window()),
            config,
            label,
            usage: OnceLock::new(),
            policies: Mutex::default(),
            threshold: AtomicU16::new(0),
            rejection_rate: AtomicU64::new(0),
            calibrated: AtomicU64::new(0),
            declared: Vec::new(),
            built,
        };
        instance.usage();
        instance
    }

    /// The prioritizer of a declaration, with the listeners of all declarations of its name.
    pub(super) fn declared(declaration: &'static Declaration) -> Self {
        let config = declaration.written().copied().unwrap_or_default();
        let mut instance = Self::new(Label::Declared(declaration), config, Vec::new());
        let namesakes = declaration.namesakes().into_iter();
        instance.declared = namesakes.filter_map(Declaration::extra).collect();
        instance
    }

    pub(super) fn config(&self) -> &PrioritizerConfig {
        self.config.get()
    }

    pub(crate) fn mode(&self) -> Mode {
        self.config.mode()
    }

    /// Who used how much, if that is tracked.
    pub(super) fn usage(&self) -> Option<&UsageTracker> {
        let config = self.config();
        let window = config.get_usage_window()?;
        Some(self.usage.get_or_init(|| UsageTracker::new(window, config.get_max_users())))
    }

    fn policies(&self) -> MutexGuard<'_, Vec<Weak<dyn Prioritized>>> {
        self.policies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches a policy from now on.
    pub(super) fn watch(&self, policy: Weak<dyn Prioritized>) {
        let mut policies = self.policies();
        policies.retain(|policy| policy.strong_count() > 0);
        policies.push(policy);
    }

    /// Those that are watched.
    pub(super) fn watched(&self) -> Vec<Arc<dyn Prioritized>> {
        self.policies().iter().filter_map(Weak::upgrade).collect()
    }

    /// Calls of lower levels are to be refused.
    pub(crate) fn threshold(&self) -> Level {
        Level::new(self.threshold.load(Ordering::Relaxed))
    }

    /// The share of calls that is too many, as of the last calibration.
    pub(crate) fn rejection_rate(&self) -> f64 {
        f64::from_bits(self.rejection_rate.load(Ordering::Relaxed))
    }

    /// Notes that a call of this level asks.
    pub(crate) fn record_level(&self, level: Level) {
        self.levels.current().record(level);
    }

    /// The level of a call: by what its user used, if that is tracked and the priority known; else
    /// the one it says, or one of its priority; else the least.
    pub(crate) fn level_of(&self, caller: &Caller) -> Level {
        let by_usage = || {
            let user = caller.get_user()?;
            Some(self.usage()?.level(user, caller.get_priority()?))
        };
        by_usage().or_else(|| caller.pick_level()).unwrap_or(Level::MIN)
    }

    /// Adds to what a user used, if that is tracked.
    pub(crate) fn record_usage(&self, user: &str, usage: u64) {
        if self.mode() == Mode::Off {
            return;
        }
        if let Some(tracker) = self.usage() {
            tracker.record(user, usage);
        }
    }

    /// Whether it matters who used how much.
    pub(crate) fn tracks_usage(&self) -> bool {
        self.mode() != Mode::Off && self.config().get_usage_window().is_some()
    }

    /// Calibrates, if the last time is long enough ago: called with every call that asks, so that
    /// nothing need run in between. Of calls at the same time, one does it.
    pub(crate) fn keep_calibrated(&self, counters: Counters) {
        let now = now();
        let last = self.calibrated.load(Ordering::Relaxed);
        let every = self.config().get_every();
        let is_fresh = last != 0 && now.since(Moment::from_nanos(last)) < every;
        if is_fresh || every == Duration::MAX {
            return;
        }
        let (order, next) = (Ordering::Relaxed, now.nanos());
        if self.calibrated.compare_exchange(last, next, order, order).is_ok() {
            self.calibrate(counters);
        }
    }

    /// Asks the policies how hard they are pressed, and finds the level of that share of the calls.
    pub(super) fn calibrate(&self, counters: Counters) {
        let watched = self.watched();
        let rate = core::rejection_rate(watched.iter().filter_map(|policy| policy.pressure()));
        let to = if rate > 0.0 { self.levels.current().level(rate) } else { Level::MIN };
        self.rejection_rate.store(rate.to_bits(), Ordering::Relaxed);
        let from = Level::new(self.threshold.swap(to.get(), Ordering::Relaxed));
        if from != to {
            self.tell(from, to, rate, counters);
        }
        if let Some(usage) = self.usage() {
            usage.calibrate();
        }
    }

    #[cold]
    fn tell(&self, from: Level, to: Level, rate: f64, counters: Counters) {
        let event = ThresholdChanged::new(self.label.name().to_owned(), (from, to), rate);
        for listeners in &self.declared {
            if let Some(hear) = listeners.changed() {
                listener::call("prioritizer", &self.label, counters, || hear(&event));
            }
        }
        for hear in &self.built {
            listener::call("prioritizer", &self.label, counters, || hear(&event));
        }
        let what = What::ThresholdChanged { from, to };
        events::emit("prioritizer", || self.label.clone(), counters, what);
    }

    /// Calibrates every so often, until it is dropped.
    pub(super) async fn calibrate_every(self: Arc<Self>, interval: Duration) {
        // Of no interval at all, the others on the thread would get no turn.
        let interval = interval.max(Duration::from_millis(1));
        loop {
            clock::sleep(interval).await;
            self.calibrate(Counters::default());
        }
    }
}

impl Stateful for Instance {
    fn name(&self) -> &str {
        self.label.name()
    }

    fn snapshot(&self) -> PolicySnapshot {
        PolicySnapshot {
            policy: "prioritizer",
            name: self.name().to_owned(),
            details: Details::new()
                .number("rejection_rate", self.rejection_rate())
                .count("threshold", self.threshold().get().into())
                .count("policies", self.watched().len() as u64),
        }
    }

    fn reset(&self) {
        self.levels.current().reset();
        if let Some(usage) = self.usage.get() {
            usage.reset();
        }
        self.threshold.store(0, Ordering::Relaxed);
        self.rejection_rate.store(0, Ordering::Relaxed);
        self.calibrated.store(0, Ordering::Relaxed);
    }

    fn reconfigure(&self, _config: &dyn PolicyConfig) {
        let config = self.config();
        self.levels.resize(config.get_window());
        match (self.usage.get(), config.get_usage_window()) {
            (Some(usage), Some(window)) => usage.resize(window, config.get_max_users()),
            (Some(usage), None) => usage.reset(),
            (None, _) => {}
        }
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prioritizer")
            .field("name", &self.name())
            .field("rejection_rate", &self.rejection_rate())
            .field("threshold", &self.threshold())
            .finish_non_exhaustive()
    }
}
