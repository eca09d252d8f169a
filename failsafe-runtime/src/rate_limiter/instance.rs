//! One limiter: the decisions behind a lock.

use super::core::{Core, Grant, Periods};
use super::event::{Listener, RateLimitedEvent};
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
use crate::stateful::Stateful;
use failsafe_config::{Fault, PolicyConfig, RateLimiterConfig};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// One limiter, shared by everything that has its name.
pub(crate) struct Instance {
    label: Label,
    config: Current<RateLimiterConfig>,
    core: Mutex<Core>,
    /// Wakes the calls that wait, when they may have to wait less.
    changed: Notify,
    /// When its clock began: when it was built, or first used.
    epoch: OnceLock<Moment>,
    listeners: Vec<Listener>,
}

impl Instance {
    pub(super) fn new(label: Label, config: RateLimiterConfig, listeners: Vec<Listener>) -> Self {
        let (config, changed) = (Current::new(&label, config), Notify::const_new());
        let periods = config.begin().periods().map(Periods::new);
        let core = Mutex::new(Core::new(periods));
        Self { label, config, core, changed, epoch: OnceLock::new(), listeners }
    }

    /// The limiter of a declaration.
    pub(crate) fn declared(declaration: &'static Declaration) -> Self {
        let config = declaration.written().copied().unwrap_or_default();
        Self::new(Label::Declared(declaration), config, Vec::new())
    }

    pub(super) fn name(&self) -> &str {
        self.label.name()
    }

    pub(super) fn config(&self) -> &RateLimiterConfig {
        self.config.get()
    }

    /// Whether it acts; its permits are those of the configuration in force then.
    pub(super) fn mode(&self) -> Mode {
        self.config.mode_after(|| self.adapt())
    }

    /// The time since its clock began, which is now if it has not yet.
    pub(super) fn elapsed(&self) -> u64 {
        let now = now();
        crate::clock::nanos(now.since(*self.epoch.get_or_init(|| now)))
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes by the configuration in force from now on.
    #[cold]
    fn adapt(&self) {
        let now = self.elapsed();
        let mut core = self.lock();
        self.config.follow(|_, config| core.reconfigure(config.periods().map(Periods::new), now));
    }

    /// Takes permits, or says how long the wait for them would have been.
    pub(super) fn take(&self, permits: u32, max_wait: Duration) -> Result<Grant, Duration> {
        let now = self.elapsed();
        self.lock().take(now, permits, max_wait)
    }

    /// How long it is now until permits may be used, and no longer than until `latest`.
    pub(super) fn left(&self, grant: &Grant, latest: u64) -> Duration {
        if self.mode() != Mode::On {
            return Duration::ZERO;
        }
        let now = self.elapsed();
        let promised = Duration::from_nanos(latest.saturating_sub(now));
        promised.min(self.lock().wait(now, grant))
    }

    /// What wakes calls that wait, when they may have to wait less.
    pub(super) const fn changed(&self) -> &Notify {
        &self.changed
    }

    /// Gives the permits of a waiter back that did not wait to the end.
    pub(super) fn give_back(&self, grant: &Grant) {
        let now = self.elapsed();
        self.lock().give_back(now, grant);
    }

    /// How many permits may be used at once; below zero, how many are owed.
    pub(super) fn available(&self) -> i64 {
        if self.config.is_behind() {
            self.adapt();
        }
        let now = self.elapsed();
        let available = self.lock().available(now);
        i64::try_from(available).unwrap_or(if available < 0 { i64::MIN } else { i64::MAX })
    }

    /// Tells that a call is refused, and makes what it is told: when such a call would be let through,
    /// or why it never would.
    #[cold]
    pub(super) fn refuse<L>(
        &self,
        permits: u32,
        when: Result<Duration, Fault>,
        counters: Counters,
        hear: &L,
    ) -> Rejected
    where
        L: for<'e> Hear<RateLimitedEvent<'e>>,
    {
        let retry_after = *when.as_ref().unwrap_or(&Duration::MAX);
        let event = RateLimitedEvent::new(self.name(), permits, retry_after, counters);
        if hear.is_heard() {
            listener::call("rate_limiter", &self.label, counters, || hear.hear(&event));
        }
        for hear in &self.listeners {
            listener::call("rate_limiter", &self.label, counters, || hear(&event));
        }
        let what = What::Rejected(Kind::RateLimited);
        events::emit("rate_limiter", || self.label.clone(), counters, what);
        let rejected = Rejected::new(Kind::RateLimited, self.label.clone());
        match when {
            Ok(retry_after) => rejected.after(retry_after),
            Err(never) => rejected.because(Some(Arc::new(never))),
        }
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
        let available = self.available();
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        PolicySnapshot {
            policy: "rate_limiter",
            name: self.name().to_owned(),
            details: Details::new()
                .count("available", count(available))
                .count("owed", count(available.saturating_neg())),
        }
    }

    fn reset(&self) {
        self.lock().reset();
    }

    fn reconfigure(&self, _config: &dyn PolicyConfig) {
        self.adapt();
        self.changed.notify_waiters();
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter")
            .field("name", &self.name())
            .field("config", &self.config)
            .field("available", &self.available())
            .finish_non_exhaustive()
    }
}
