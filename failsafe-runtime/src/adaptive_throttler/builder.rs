use super::instance::{Instance, Listener};
use super::{AdaptiveThrottler, AdaptiveThrottlerEvent, ThrottledEvent};
use crate::building::{Parts, builds};
use crate::executor::conditions::ByOutcome;
use crate::judged::{IntoHandled, IntoTyped, TypedHooks, conditions, outcome_listeners};
use crate::label::Label;
use crate::prioritizer::Prioritizer;
use crate::priority::{Caller, Level, Priority};
use crate::source::Source;
use failsafe_config::{AdaptiveThrottlerConfig, IntoFailureRate, IntoMaxRejection};
use std::sync::Arc;
use std::time::Duration;

/// Builds an [`AdaptiveThrottler`]; its methods are the options of `#[adaptive_throttler]`.
#[must_use = "a builder does nothing until it builds"]
pub struct AdaptiveThrottlerBuilder<H = ByOutcome> {
    parts: Parts<AdaptiveThrottlerConfig>,
    given: Given,
    hooks: H,
}

/// What else does not depend on a return type.
struct Given {
    prioritizer: Option<Prioritizer>,
    caller: Caller,
    listeners: Vec<Listener>,
    origin: Option<Duration>,
}

impl AdaptiveThrottlerBuilder {
    pub(super) const fn new() -> Self {
        let given =
            Given { prioritizer: None, caller: Caller::new(), listeners: Vec::new(), origin: None };
        Self { parts: Parts::new(AdaptiveThrottlerConfig::new()), given, hooks: ByOutcome::new() }
    }
}

impl<H> AdaptiveThrottlerBuilder<H> {
    /// From which share of failures on it refuses calls: `"10%"`, `"10% in 1m"`,
    /// `"10% of 20 in 1m"`, `0.1`, or the typed form; below 100 %. **Default**: `"10% in 1m"`.
    pub fn failure_rate(mut self, rate: impl IntoFailureRate) -> Self {
        self.parts.set(rate.into_failure_rate(), AdaptiveThrottlerConfig::failure_rate);
        self
    }

    /// How large a share of the calls it refuses at most: `0.9` or `"90%"`. **Default**: 0.9.
    pub fn max_rejection(mut self, share: impl IntoMaxRejection) -> Self {
        let share = share.into_max_rejection();
        self.parts.set(share, AdaptiveThrottlerConfig::max_rejection_share);
        self
    }

    /// Refuses the less important calls first, by this prioritizer, which several policies can
    /// share. **Default**: all calls have the same chance.
    pub fn prioritizer(mut self, prioritizer: &Prioritizer) -> Self {
        self.given.prioritizer = Some(prioritizer.clone());
        self
    }

    /// How important its calls are to the prioritizer. **Default**: what the [`Caller`] around a
    /// call says.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.given.caller = self.given.caller.priority(priority);
        self
    }

    /// The same, to the level. **Default**: what the [`Caller`] around a call says.
    pub fn level(mut self, level: impl Into<Level>) -> Self {
        self.given.caller = self.given.caller.level(level);
        self
    }

    /// For whom its calls are made. **Default**: what the [`Caller`] around a call says.
    pub fn user(mut self, user: impl ToString) -> Self {
        self.given.caller = self.given.caller.user(user);
        self
    }

    /// Adds a listener that is called when a call is refused.
    pub fn on_throttled(
        mut self,
        listener: impl Fn(&ThrottledEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.given.listeners.push(Arc::new(listener));
        self
    }

    /// Sets what its clock reads now, where the slices of a period must begin at known times.
    #[doc(hidden)]
    pub const fn clock_origin(mut self, origin: Duration) -> Self {
        self.given.origin = Some(origin);
        self
    }

    fn make(self, label: Label) -> AdaptiveThrottler<H> {
        let Given { prioritizer, caller, listeners, origin } = self.given;
        let mut instance = Instance::new(label, self.parts.config, listeners);
        if let Some(origin) = origin {
            instance = instance.with_origin(origin);
        }
        let instance = Arc::new(instance);
        if let Some(prioritizer) = &prioritizer {
            instance.join(prioritizer);
        }
        AdaptiveThrottler { source: Source::Built(instance), caller, hooks: self.hooks }
    }

    fn with_hooks<J>(self, change: impl FnOnce(H) -> J) -> AdaptiveThrottlerBuilder<J> {
        let Self { parts, given, hooks } = self;
        AdaptiveThrottlerBuilder { parts, given, hooks: change(hooks) }
    }
}

builds!(
    AdaptiveThrottlerBuilder<H> => AdaptiveThrottler,
    "adaptive_throttler",
    "throttler"
);
conditions!(AdaptiveThrottlerBuilder);
outcome_listeners!(AdaptiveThrottlerBuilder hears AdaptiveThrottlerEvent);
