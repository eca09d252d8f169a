use super::AdaptiveLimiter;
use super::event::{LimitChangedEvent, LimitExceededEvent};
use super::instance::{Hooks, Instance};
use crate::building::{Parts, builds};
use crate::executor::conditions::ByOutcome;
use crate::judged::{IntoHandled, TypedHooks, conditions};
use crate::label::Label;
use crate::prioritizer::Prioritizer;
use crate::source::Source;
use failsafe_config::{
    AdaptiveLimiterConfig, Fault, IntoDrift, IntoDuration, IntoDurationRange, IntoFactors,
    IntoLimits,
};
use std::sync::Arc;

/// Builds an [`AdaptiveLimiter`]; its methods are the options of `#[adaptive_limiter]`.
#[must_use = "a builder does nothing until it builds"]
pub struct AdaptiveLimiterBuilder<H = ByOutcome> {
    parts: Parts<AdaptiveLimiterConfig>,
    hooks: Hooks,
    prioritizer: Option<Prioritizer>,
    judged: H,
}

impl AdaptiveLimiterBuilder {
    pub(super) fn new() -> Self {
        Self {
            parts: Parts::new(AdaptiveLimiterConfig::new()),
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
            let fault = AdaptiveLimiterConfig::$fault;
            self.parts.set_by(Ok($option), fault, AdaptiveLimiterConfig::$option);
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

    /// The least and the greatest limit: `"1..200"`, `1..=200` or `(1, 200)`. **Default**: 1 and
    /// 200.
    pub fn limits(mut self, limits: impl IntoLimits) -> Self {
        let fault = AdaptiveLimiterConfig::limits_fault;
        self.parts.set_by(limits.into_limits(), fault, AdaptiveLimiterConfig::limits);
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
        self.parts.set(stabilization.into_duration(), AdaptiveLimiterConfig::stabilization);
        self
    }

    /// The shortest and the longest time between two decisions. **Default**: 1 and 30 seconds.
    pub fn window(mut self, window: impl IntoDurationRange) -> Self {
        let fault = AdaptiveLimiterConfig::window_fault;
        self.parts.set_by(window.into_range(), fault, AdaptiveLimiterConfig::window);
        self
    }

    /// How far the baseline may rise in how much time: `"10% in 1h"`, or `"unlimited"`.
    /// **Default**: 10 % in an hour.
    pub fn baseline_drift(mut self, drift: impl IntoDrift) -> Self {
        self.parts.set(drift.into_drift(), AdaptiveLimiterConfig::drift);
        self
    }

    /// Whether the limit may fall while less than half of it is in use. **Default**: no.
    pub fn shrink_when_idle(mut self, shrink: bool) -> Self {
        self.parts.config = self.parts.config.shrink_when_idle(shrink);
        self
    }

    /// How many calls wait, in limits, when the first are refused and when all are: `"2..3"` or
    /// `(2.0, 3.0)`, from 1. **Default**: any number may wait.
    pub fn queue(mut self, queue: impl IntoFactors) -> Self {
        let fault = AdaptiveLimiterConfig::queue_fault;
        self.parts.set_by(queue.into_factors(), fault, AdaptiveLimiterConfig::queue);
        self
    }

    /// How long a guarded call may wait for a permit; [`Duration::MAX`](std::time::Duration::MAX) is
    /// without end. **Default**: not at all, or without end if there is a queue.
    pub fn wait(mut self, wait: impl IntoDuration) -> Self {
        self.parts.set(wait.into_duration(), AdaptiveLimiterConfig::wait);
        self
    }

    /// Refuses the less important calls first, by this prioritizer, which several policies can
    /// share. Who calls is said by [`Caller`](crate::Caller).
    pub fn prioritizer(mut self, prioritizer: &Prioritizer) -> Self {
        self.prioritizer = Some(prioritizer.clone());
        self
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

    fn check(&self) -> Result<(), Fault> {
        self.parts.config.check()
    }

    fn make(self, label: Label) -> AdaptiveLimiter<H> {
        let instance = Arc::new(Instance::new(label, self.parts.config, self.hooks));
        instance.join(self.prioritizer.as_ref(), || Arc::clone(&instance));
        AdaptiveLimiter { source: Source::Built(instance), hooks: self.judged }
    }

    fn with_hooks<J>(self, change: impl FnOnce(H) -> J) -> AdaptiveLimiterBuilder<J> {
        let Self { parts, hooks, prioritizer, judged } = self;
        AdaptiveLimiterBuilder { parts, hooks, prioritizer, judged: change(judged) }
    }
}

builds!(AdaptiveLimiterBuilder<H> => AdaptiveLimiter, "adaptive_limiter", "limiter", check);
conditions!(AdaptiveLimiterBuilder);
