use super::RateLimiter;
use super::event::{Listener, RateLimitedEvent};
use super::instance::Instance;
use crate::fault::{ConfigError, Faults};
use crate::label::Label;
use crate::registry::Registry;
use crate::source::Source;
use failsafe_config::{Fault, IntoDuration, IntoPace, RateLimiterConfig};
use std::fmt;
use std::sync::Arc;

/// Builds a [`RateLimiter`]; its methods are the options of `#[rate_limiter]`.
#[must_use = "a builder does nothing until it builds"]
pub struct RateLimiterBuilder {
    name: Option<String>,
    config: RateLimiterConfig,
    faults: Faults,
    listeners: Vec<Listener>,
}

impl RateLimiterBuilder {
    fn new(faults: Faults, config: RateLimiterConfig) -> Self {
        Self { name: None, config, faults, listeners: Vec::new() }
    }

    pub(super) fn smooth(pace: impl IntoPace) -> Self {
        let mut faults = Faults::new();
        let pace = pace
            .into_pace()
            .and_then(|pace| Fault::from_verdict(pace.smooth_fault()).map(|()| pace));
        let config = RateLimiterConfig::new();
        let config = faults.note(pace).map_or(config, |pace| config.smooth(pace));
        Self::new(faults, config)
    }

    pub(super) fn bursty(pace: impl IntoPace) -> Self {
        let mut faults = Faults::new();
        let config = RateLimiterConfig::new();
        let config = faults.note(pace.into_pace()).map_or(config, |pace| config.bursty(pace));
        Self::new(faults, config)
    }

    /// The name in events and rejections. A limiter with a name is listed in the registry in force;
    /// if that has one of the name already, that one stays listed.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How long a guarded call may wait for its permits. **Default**: not at all.
    pub fn wait(mut self, wait: impl IntoDuration) -> Self {
        if let Some(wait) = self.faults.note(wait.into_duration()) {
            self.config = self.config.wait(wait);
        }
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

    /// The limiter. Its intervals and periods begin now.
    ///
    /// # Panics
    ///
    /// When an option was given a value it cannot have; [`try_build`](Self::try_build) returns that
    /// as an error.
    #[track_caller]
    #[must_use]
    pub fn build(self) -> RateLimiter {
        self.try_build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The limiter. Its intervals and periods begin now.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the options, at once.
    pub fn try_build(self) -> Result<RateLimiter, ConfigError> {
        self.faults.verdict("rate_limiter")?;
        let label = self
            .name
            .clone()
            .map_or(Label::Unnamed(&"rate_limiter"), |name| Label::Given(Arc::new(name)));
        let instance = Arc::new(Instance::new(label, self.config, self.listeners));
        instance.elapsed();
        if let Some(name) = &self.name {
            Registry::with_current(|registry| {
                registry.adopt("rate_limiter", name, Arc::clone(&instance) as _);
            });
        }
        Ok(RateLimiter { source: Source::Built(instance) })
    }
}

impl fmt::Debug for RateLimiterBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiterBuilder")
            .field("name", &self.name)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
