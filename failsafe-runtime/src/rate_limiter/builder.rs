use super::RateLimiter;
use super::event::{Listener, RateLimitedEvent};
use super::instance::Instance;
use crate::building::{Parts, builds};
use crate::label::Label;
use crate::source::Source;
use failsafe_config::{IntoDuration, IntoPace, RateLimiterConfig};
use std::sync::Arc;

/// Builds a [`RateLimiter`]; its methods are the options of `#[rate_limiter]`.
#[must_use = "a builder does nothing until it builds"]
pub struct RateLimiterBuilder {
    parts: Parts<RateLimiterConfig>,
    listeners: Vec<Listener>,
}

impl RateLimiterBuilder {
    const fn new() -> Self {
        Self { parts: Parts::new(RateLimiterConfig::new()), listeners: Vec::new() }
    }

    pub(super) fn smooth(pace: impl IntoPace) -> Self {
        let mut builder = Self::new();
        builder.parts.set_by(
            pace.into_pace(),
            |pace| pace.smooth_fault(),
            RateLimiterConfig::smooth,
        );
        builder
    }

    pub(super) fn bursty(pace: impl IntoPace) -> Self {
        let mut builder = Self::new();
        builder.parts.set(pace.into_pace(), RateLimiterConfig::bursty);
        builder
    }

    /// How long a guarded call may wait for its permits. **Default**: not at all.
    pub fn wait(mut self, wait: impl IntoDuration) -> Self {
        self.parts.set(wait.into_duration(), RateLimiterConfig::wait);
        self
    }

    /// Adds a listener that is called when a call is refused.
    pub fn on_rate_limited(
        mut self,
        listener: impl Fn(&RateLimitedEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.listeners.push(Arc::new(listener));
        self
    }

    fn make(self, label: Label) -> RateLimiter {
        let instance = Instance::new(label, self.parts.config, self.listeners);
        instance.elapsed();
        RateLimiter { source: Source::Built(Arc::new(instance)) }
    }
}

builds! {
    /// Its intervals and periods begin now.
    RateLimiterBuilder => RateLimiter, "rate_limiter", "limiter"
}
