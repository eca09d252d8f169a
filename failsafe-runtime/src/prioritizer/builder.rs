use super::Prioritizer;
use super::event::{Hearer, ThresholdChanged};
use super::instance::Instance;
use crate::fault::{ConfigError, Faults};
use crate::label::Label;
use crate::registry::Registry;
use crate::source::Source;
use failsafe_config::{Fault, IntoDuration, PrioritizerConfig};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Builds a [`Prioritizer`]; its methods are the options of `policy!(prioritizer(..))`.
#[must_use = "a builder does nothing until it builds"]
pub struct PrioritizerBuilder {
    name: Option<String>,
    config: PrioritizerConfig,
    faults: Faults,
    listeners: Vec<Hearer>,
}

impl PrioritizerBuilder {
    pub(super) const fn new() -> Self {
        Self {
            name: None,
            config: PrioritizerConfig::new(),
            faults: Faults::new(),
            listeners: Vec::new(),
        }
    }

    /// The name in events. A prioritizer with a name is listed in the registry in force; if that has
    /// one of the name already, that one stays listed.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The levels of how many calls it remembers, from 1 to a million. **Default**: 1000.
    pub fn window(mut self, window: u32) -> Self {
        let judged = Fault::from_verdict(PrioritizerConfig::window_fault(window));
        if self.faults.note(judged).is_some() {
            self.config = self.config.window(window);
        }
        self
    }

    /// How often it is calibrated, with the calls that ask; [`Duration::MAX`] is never, but for
    /// [`calibrate`](Prioritizer::calibrate) and [`schedule`](Prioritizer::schedule).
    /// **Default**: every 500 milliseconds.
    pub fn every(mut self, every: impl IntoDuration) -> Self {
        let judge = PrioritizerConfig::every_fault;
        if let Some(every) = self.judged(every, judge) {
            self.config = self.config.every(every);
        }
        self
    }

    /// Refuses heavy users before light ones of the same priority, by what they used in so long.
    /// **Default**: users are all the same.
    pub fn usage_window(mut self, window: impl IntoDuration) -> Self {
        let judge = PrioritizerConfig::usage_window_fault;
        if let Some(window) = self.judged(window, judge) {
            self.config = self.config.usage_window(window);
        }
        self
    }

    /// How many users it remembers, at least 1. **Default**: 1000.
    pub fn max_users(mut self, max: u32) -> Self {
        let judged = Fault::from_verdict(PrioritizerConfig::max_users_fault(max));
        if self.faults.note(judged).is_some() {
            self.config = self.config.max_users(max);
        }
        self
    }

    /// Adds a listener that is called after the threshold changed.
    pub fn on_threshold_changed(
        mut self,
        listener: impl Fn(&ThresholdChanged) + Send + Sync + 'static,
    ) -> Self {
        self.listeners.push(Arc::new(listener));
        self
    }

    fn judged(
        &mut self,
        duration: impl IntoDuration,
        judge: fn(Duration) -> Option<&'static str>,
    ) -> Option<Duration> {
        let duration = duration.into_duration();
        self.faults.note(
            duration.and_then(|duration| Fault::from_verdict(judge(duration)).map(|()| duration)),
        )
    }

    /// The prioritizer.
    ///
    /// # Panics
    ///
    /// When an option was given a value it cannot have; [`try_build`](Self::try_build) returns that
    /// as an error.
    #[track_caller]
    #[must_use]
    pub fn build(self) -> Prioritizer {
        self.try_build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The prioritizer.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the options, at once.
    pub fn try_build(self) -> Result<Prioritizer, ConfigError> {
        self.faults.verdict("prioritizer")?;
        let Self { name, config, listeners, .. } = self;
        let label =
            name.clone().map_or(Label::Unnamed(&"prioritizer"), |name| Label::Given(name.into()));
        let instance = Arc::new(Instance::new(label, config, listeners));
        if let Some(name) = &name {
            Registry::with_current(|registry| {
                registry.adopt("prioritizer", name, Arc::clone(&instance) as _);
            });
        }
        Ok(Prioritizer { source: Source::Built(instance) })
    }
}

impl fmt::Debug for PrioritizerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrioritizerBuilder")
            .field("name", &self.name)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
