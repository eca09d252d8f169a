use super::AdaptiveLimiter;
use super::event::{LimitChangedEvent, LimitExceededEvent};
use super::hooks::{IntoJudged, Judged};
use super::instance::{Hooks, Instance};
use crate::executor::conditions::ByOutcome;
use crate::fault::{ConfigError, Faults};
use crate::label::Label;
use crate::prioritizer::Prioritizer;
use crate::registry::Registry;
use crate::rejected::{Kind, Rejected};
use crate::source::Source;
use failsafe_config::{
    AdaptiveLimiterConfig, Fault, IntoDrift, IntoDuration, IntoDurationRange, IntoFactors,
    IntoLimits,
};
use std::fmt;
use std::sync::Arc;

/// Builds an [`AdaptiveLimiter`]; its methods are the options of `#[adaptive_limiter]`.
#[must_use = "a builder does nothing until it builds"]
pub struct AdaptiveLimiterBuilder<H = ByOutcome> {
    name: Option<String>,
    config: AdaptiveLimiterConfig,
    faults: Faults,
    hooks: Hooks,
    prioritizer: Option<Prioritizer>,
    judged: H,
}

impl AdaptiveLimiterBuilder {
    pub(super) fn new() -> Self {
        Self {
            name: None,
            config: AdaptiveLimiterConfig::new(),
            faults: Faults::new(),
            hooks: Hooks::default(),
            prioritizer: None,
            judged: ByOutcome::new(),
        }
    }
}

/// Options that are judged by themselves.
macro_rules! judged {
    ($($(#[$doc:meta])* $option:ident: $type:ty, $fault:ident;)*) => {$(
        $(#[$doc])*
        pub fn $option(mut self, $option: $type) -> Self {
            let verdict = AdaptiveLimiterConfig::$fault($option);
            if self.faults.note(Fault::from_verdict(verdict)).is_some() {
                self.config = self.config.$option($option);
            }
            self
        }
    )*};
}

impl<H> AdaptiveLimiterBuilder<H> {
    judged! {
        /// The limit it begins with, from 1. **Default**: 20, or the nearest its limits allow.
        initial: u32, initial_fault;
        /// The limit rises to so many times the calls in flight at the most; from 1.
        /// **Default**: 5.
        max_limit_factor: f64, factor_fault;
        /// How much that factor falls with each power of ten of the calls in flight; from 0.
        /// **Default**: 0.
        max_limit_factor_decay: f64, decay_fault;
        /// What that factor falls to at the most; from 1. **Default**: 1.
        min_limit_factor: f64, factor_fault;
        /// How many calls are sampled between two decisions at the least; from 1.
        /// **Default**: 50.
        samples: u32, samples_fault;
        /// Which quantile of the sampled latencies is the recent one; above 0 and below 1.
        /// **Default**: 0.9.
        quantile: f64, quantile_fault;
        /// Over how many windows the baseline is averaged; from 1. **Default**: 10.
        baseline: u32, baseline_fault;
        /// Over how many windows latency and throughput are correlated with the calls in flight; 2
        /// to 100,000. **Default**: 50.
        correlation: u32, correlation_fault;
    }

    /// The name in events and rejections. A limiter with a name is listed in the registry in force;
    /// if that has one of the name already, that one stays listed.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The least and the greatest limit: `"1..200"`, `1..=200` or `(1, 200)`. **Default**: 1 and
    /// 200.
    pub fn limits(mut self, limits: impl IntoLimits) -> Self {
        let limits = limits.into_limits().and_then(|limits| {
            Fault::from_verdict(AdaptiveLimiterConfig::limits_fault(limits)).map(|()| limits)
        });
        if let Some(limits) = self.faults.note(limits) {
            self.config = self.config.limits(limits);
        }
        self
    }

    /// The limit rises to what this makes of the calls in flight at the most, in place of the
    /// factors. It is called without a lock, once for each full window.
    pub fn max_limit_with<L: Into<f64>>(
        mut self,
        max_limit: impl Fn(u32) -> L + Send + Sync + 'static,
    ) -> Self {
        self.hooks.max_limit = Some(Arc::new(move |in_flight| max_limit(in_flight).into()));
        self
    }

    /// For how long the most calls in flight bound the limit. **Default**: for one window.
    pub fn stabilization(mut self, stabilization: impl IntoDuration) -> Self {
        if let Some(stabilization) = self.faults.note(stabilization.into_duration()) {
            self.config = self.config.stabilization(stabilization);
        }
        self
    }

    /// The shortest and the longest time between two decisions. **Default**: 1 and 30 seconds.
    pub fn window(mut self, window: impl IntoDurationRange) -> Self {
        let window = window.into_range().and_then(|window| {
            Fault::from_verdict(AdaptiveLimiterConfig::window_fault(window)).map(|()| window)
        });
        if let Some(window) = self.faults.note(window) {
            self.config = self.config.window(window);
        }
        self
    }

    /// How far the baseline may rise in how much time: `"10% in 1h"`, or `"unlimited"`.
    /// **Default**: 10 % in an hour.
    pub fn baseline_drift(mut self, drift: impl IntoDrift) -> Self {
        if let Some(drift) = self.faults.note(drift.into_drift()) {
            self.config = self.config.drift(drift);
        }
        self
    }

    /// Whether the limit may fall while less than half of it is in use. **Default**: no.
    pub fn shrink_when_idle(mut self, shrink: bool) -> Self {
        self.config = self.config.shrink_when_idle(shrink);
        self
    }

    /// How many calls wait, in limits, when the first are refused and when all are: `"2..3"` or
    /// `(2.0, 3.0)`, from 1. **Default**: any number may wait.
    pub fn queue(mut self, queue: impl IntoFactors) -> Self {
        let queue = queue.into_factors().and_then(|queue| {
            Fault::from_verdict(AdaptiveLimiterConfig::queue_fault(queue)).map(|()| queue)
        });
        if let Some(queue) = self.faults.note(queue) {
            self.config = self.config.queue(queue);
        }
        self
    }

    /// How long a guarded call may wait for a permit; [`Duration::MAX`](std::time::Duration::MAX) is
    /// without end. **Default**: not at all, or without end if there is a queue.
    pub fn wait(mut self, wait: impl IntoDuration) -> Self {
        if let Some(wait) = self.faults.note(wait.into_duration()) {
            self.config = self.config.wait(wait);
        }
        self
    }

    /// Refuses the less important calls first, by this prioritizer, which several policies can
    /// share. Who calls is said by [`Caller`](crate::Caller).
    pub fn prioritizer(mut self, prioritizer: &Prioritizer) -> Self {
        self.prioritizer = Some(prioritizer.clone());
        self
    }

    /// Adds a condition: these return values are failures. Conditions are OR-ed, and replace "any
    /// failure", rejections by policies inside included.
    pub fn handle_if<R>(
        self,
        test: impl Fn(&R) -> bool + Send + Sync + 'static,
    ) -> AdaptiveLimiterBuilder<Judged<R>>
    where
        H: IntoJudged<R>,
    {
        self.judge(|judged| judged.0.add_outcome(test))
    }

    /// Adds a condition: these rejections by policies inside are failures.
    pub fn handle_rejected<R>(
        self,
        test: impl Fn(Kind) -> bool + Send + Sync + 'static,
    ) -> AdaptiveLimiterBuilder<Judged<R>>
    where
        H: IntoJudged<R>,
    {
        self.judge(|judged| {
            judged.0.add_rejected(move |rejected: &Rejected| test(rejected.kind()));
        })
    }

    /// Adds a listener that is called after the limit has changed.
    pub fn on_limit_changed(
        mut self,
        listener: impl Fn(&LimitChangedEvent) + Send + Sync + 'static,
    ) -> Self {
        self.hooks.changed.push(Arc::new(listener));
        self
    }

    /// Adds a listener that is called when a call is refused.
    pub fn on_limit_exceeded(
        mut self,
        listener: impl Fn(&LimitExceededEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.hooks.exceeded.push(Arc::new(listener));
        self
    }

    /// The limiter.
    ///
    /// # Panics
    ///
    /// When an option was given a value it cannot have; [`try_build`](Self::try_build) returns that
    /// as an error.
    #[track_caller]
    #[must_use]
    pub fn build(self) -> AdaptiveLimiter<H> {
        self.try_build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The limiter.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the options, at once.
    pub fn try_build(mut self) -> Result<AdaptiveLimiter<H>, ConfigError> {
        self.faults.note(self.config.check());
        self.faults.verdict("adaptive_limiter")?;
        let label = self
            .name
            .clone()
            .map_or(Label::Unnamed(&"adaptive_limiter"), |name| Label::Given(Arc::new(name)));
        let instance = Arc::new(Instance::new(label, self.config, self.hooks));
        instance.join(self.prioritizer.as_ref(), || Arc::clone(&instance));
        if let Some(name) = &self.name {
            Registry::with_current(|registry| {
                registry.adopt("adaptive_limiter", name, Arc::clone(&instance) as _);
            });
        }
        Ok(AdaptiveLimiter { source: Source::Built(instance), hooks: self.judged })
    }

    fn judge<R>(self, change: impl FnOnce(&mut Judged<R>)) -> AdaptiveLimiterBuilder<Judged<R>>
    where
        H: IntoJudged<R>,
    {
        let Self { name, config, faults, hooks, prioritizer, judged } = self;
        let mut judged = judged.into_judged();
        change(&mut judged);
        AdaptiveLimiterBuilder { name, config, faults, hooks, prioritizer, judged }
    }
}

impl<H> fmt::Debug for AdaptiveLimiterBuilder<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdaptiveLimiterBuilder")
            .field("name", &self.name)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
