//! One throttler: what it counts behind a lock, and a mark beside it that spares the lock to calls
//! while nothing fails.

use super::core::{self, Core};
use super::{Metrics, ThrottledEvent};
use crate::attempt::Counters;
use crate::chance;
use crate::clock::{self, Moment, now};
use crate::current::Current;
use crate::events;
use crate::keyed::Keyable;
use crate::label::Label;
use crate::listener::{self, Hear};
use crate::live::Mode;
use crate::prioritizer::{
    Failures, InUse, Instance as PrioritizerInstance, Membership, Pressure, Prioritized,
    Prioritizer,
};
use crate::priority::{Caller, Level};
use crate::registry::{Details, PolicySnapshot};
use crate::rejected::{Kind, Rejected};
use crate::site::Declaration;
use crate::stateful::Stateful;
use crate::window::Counts;
use failsafe_config::{AdaptiveThrottlerConfig, PolicyConfig};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A listener given to a builder.
pub(super) type Listener = Arc<dyn Fn(&ThrottledEvent<'_>) + Send + Sync>;

/// One throttler, shared by everything that has its name.
pub(crate) struct Instance {
    label: Label,
    config: Current<AdaptiveThrottlerConfig>,
    core: Mutex<Core>,
    /// Whether there may be failures in the period; changed under the lock. While there are none, no
    /// call is refused, and none looks.
    failing: AtomicBool,
    /// When its clock began: with its first use; 0 before.
    epoch: AtomicU64,
    /// What its clock read then.
    origin: u64,
    membership: Membership,
    listeners: Vec<Listener>,
}

/// A call that was not let through.
pub(super) struct Refused {
    pub(super) rejection_rate: f64,
    /// Its level, if there is a prioritizer.
    pub(super) level: Option<Level>,
}

impl Instance {
    pub(super) fn new(
        label: Label,
        config: AdaptiveThrottlerConfig,
        listeners: Vec<Listener>,
    ) -> Self {
        let config = Current::new(&label, config);
        Self {
            core: Mutex::new(Core::new(config.begin())),
            config,
            label,
            failing: AtomicBool::new(false),
            epoch: AtomicU64::new(0),
            origin: 0,
            membership: Membership::new(),
            listeners,
        }
    }

    /// The throttler of a declaration.
    pub(super) fn declared(declaration: &'static Declaration) -> Self {
        let config = declaration.written().copied().unwrap_or_default();
        Self::new(Label::Declared(declaration), config, Vec::new())
    }

    /// Sets what its clock reads now.
    pub(super) fn with_origin(mut self, origin: Duration) -> Self {
        self.origin = clock::nanos(origin);
        self.now();
        self
    }

    pub(super) fn name(&self) -> &str {
        self.label.name()
    }

    pub(super) const fn label(&self) -> &Label {
        &self.label
    }

    pub(super) fn config(&self) -> &AdaptiveThrottlerConfig {
        self.config.get()
    }

    #[inline]
    pub(super) fn mode(&self) -> Mode {
        self.config.mode()
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
        self.origin.saturating_add(clock::nanos(elapsed))
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins a prioritizer, unless it is in one.
    pub(super) fn join(self: &Arc<Self>, prioritizer: &Prioritizer) {
        self.membership.of(Some(prioritizer), || Arc::clone(self));
    }

    /// Lets a call through, or not; if its time counts as usage, with that.
    #[inline]
    pub(super) fn admit(
        &self,
        named: Option<&Prioritizer>,
        this: impl FnOnce() -> Arc<Self>,
        caller: impl FnOnce(Caller) -> Caller,
        counters: impl FnOnce() -> Counters,
    ) -> Result<Option<Box<InUse>>, Refused> {
        let Some(prioritizer) = self.membership.of(named, this) else {
            return self.admit_by_rate();
        };
        let caller = || caller(Caller::of_settings(self.config().get_caller()));
        if prioritizer.mode() == Mode::On {
            return self.admit_by_level(prioritizer, caller(), counters());
        }
        self.admit_by_rate()?;
        Ok(self.note_level(prioritizer, caller(), counters()))
    }

    /// What a prioritizer that does not act learns of a call that goes through, if it observes.
    #[cold]
    fn note_level(
        &self,
        prioritizer: &PrioritizerInstance,
        caller: Caller,
        counters: Counters,
    ) -> Option<Box<InUse>> {
        if prioritizer.mode() == Mode::Off {
            return None;
        }
        prioritizer.keep_calibrated(counters);
        let caller = caller.or_current();
        prioritizer.record_level(prioritizer.level_of(&caller));
        self.begin_use(prioritizer, caller)
    }

    #[inline]
    fn admit_by_rate(&self) -> Result<Option<Box<InUse>>, Refused> {
        if self.failing.load(Ordering::Acquire) { self.admit_by_chance() } else { Ok(None) }
    }

    fn admit_by_chance(&self) -> Result<Option<Box<InUse>>, Refused> {
        let rejection_rate = core::rejection_rate(self.config(), self.counts());
        if core::admits(rejection_rate, chance::unit) {
            return Ok(None);
        }
        Err(Refused { rejection_rate, level: None })
    }

    fn admit_by_level(
        &self,
        prioritizer: &PrioritizerInstance,
        caller: Caller,
        counters: Counters,
    ) -> Result<Option<Box<InUse>>, Refused> {
        prioritizer.keep_calibrated(counters);
        let caller = caller.or_current();
        let level = prioritizer.level_of(&caller);
        prioritizer.record_level(level);
        let admits = || core::admits(self.config().get_max_rejection().share(), chance::unit);
        if level >= prioritizer.threshold() || admits() {
            return Ok(self.begin_use(prioritizer, caller));
        }
        Err(Refused { rejection_rate: prioritizer.rejection_rate(), level: Some(level) })
    }

    /// Counts the time of a call as usage of its user, if that is tracked and the user known.
    fn begin_use(&self, prioritizer: &PrioritizerInstance, caller: Caller) -> Option<Box<InUse>> {
        if !prioritizer.tracks_usage() || caller.get_user().is_none() {
            return None;
        }
        self.membership.share().map(|prioritizer| Box::new(InUse::begin(prioritizer, caller)))
    }

    /// What was counted in the period that ends now.
    pub(super) fn counts(&self) -> Counts {
        if !self.is_used() {
            return Counts::default();
        }
        let now = self.now();
        let mut core = self.lock();
        self.config.follow(|_, config| core.reconfigure(config));
        let counts = core.counts(now);
        if counts.failures == 0 {
            self.failing.store(false, Ordering::Release);
        }
        counts
    }

    /// Whether anything was recorded: before that its clock need not begin.
    fn is_used(&self) -> bool {
        self.epoch.load(Ordering::Relaxed) != 0
    }

    /// Records the outcome of a call.
    #[inline]
    pub(super) fn record(&self, failed: bool) {
        let now = self.now();
        let mut core = self.lock();
        core.record(now, failed);
        if failed {
            self.failing.store(true, Ordering::Release);
        }
    }

    pub(super) fn metrics(&self) -> Metrics {
        Metrics::new(self.counts())
    }

    /// Which share of the calls is refused now.
    pub(super) fn rejection_rate(&self) -> f64 {
        match self.membership.get().filter(|prioritizer| prioritizer.mode() == Mode::On) {
            Some(prioritizer) => prioritizer.rejection_rate(),
            None => core::rejection_rate(self.config(), self.counts()),
        }
    }

    /// Tells that a call is refused, and makes what it is told.
    #[cold]
    pub(super) fn refuse<L>(&self, refused: &Refused, counters: Counters, hear: &L) -> Rejected
    where
        L: for<'e> Hear<ThrottledEvent<'e>>,
    {
        let Refused { rejection_rate, level } = *refused;
        let event = ThrottledEvent { name: self.name(), counters, rejection_rate, level };
        if hear.is_heard() {
            listener::call("adaptive_throttler", &self.label, counters, || hear.hear(&event));
        }
        for hear in &self.listeners {
            listener::call("adaptive_throttler", &self.label, counters, || hear(&event));
        }
        events::emit("adaptive_throttler", || self.label.clone(), counters, event.what());
        Rejected::new(Kind::Throttled, self.label.clone())
    }
}

impl Prioritized for Instance {
    fn pressure(&self) -> Option<Pressure> {
        let (counts, config) = (self.counts(), self.config());
        let pressure = Pressure::Failures(Failures {
            rate: core::rejection_rate(config, counts),
            max_rejection: config.get_max_rejection().share(),
            executions: counts.executions(),
        });
        (self.mode() != Mode::Off).then_some(pressure)
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
        let counts = self.counts();
        PolicySnapshot {
            policy: "adaptive_throttler",
            name: self.name().to_owned(),
            details: Details::new()
                .number("rejection_rate", self.rejection_rate())
                .count("executions", counts.executions())
                .count("failures", counts.failures)
                .count("successes", counts.successes),
        }
    }

    fn reset(&self) {
        let mut core = self.lock();
        *core = Core::new(self.config.begin());
        self.failing.store(false, Ordering::Release);
    }

    fn reconfigure(&self, _config: &dyn PolicyConfig) {
        let mut core = self.lock();
        self.config.follow(|_, config| core.reconfigure(config));
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdaptiveThrottler")
            .field("name", &self.name())
            .field("config", &self.config)
            .field("metrics", &self.metrics())
            .finish_non_exhaustive()
    }
}
