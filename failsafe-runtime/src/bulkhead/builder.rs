use super::Bulkhead;
use super::event::{BulkheadFullEvent, Listener};
use super::instance::Instance;
use crate::fault::{ConfigError, Faults};
use crate::label::Label;
use crate::registry::Registry;
use crate::source::Source;
use failsafe_config::{BulkheadConfig, Fault, IntoDuration};
use std::fmt;
use std::sync::Arc;

/// Builds a [`Bulkhead`]; its methods are the options of `#[bulkhead]`.
#[must_use = "a builder does nothing until it builds"]
pub struct BulkheadBuilder {
    name: Option<String>,
    config: BulkheadConfig,
    faults: Faults,
    listeners: Vec<Listener>,
}

impl BulkheadBuilder {
    pub(super) fn new(max: u32) -> Self {
        let mut faults = Faults::new();
        let max = Fault::from_verdict(BulkheadConfig::max_fault(max)).map(|()| max);
        let config = BulkheadConfig::new();
        let config = faults.note(max).map_or(config, |max| config.max(max));
        Self { name: None, config, faults, listeners: Vec::new() }
    }

    /// The name in events and rejections. A bulkhead with a name is listed in the registry in
    /// force; if that has one of the name already, that one stays listed.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How long a guarded call may wait for a place. **Default**: not at all.
    pub fn wait(mut self, wait: impl IntoDuration) -> Self {
        if let Some(wait) = self.faults.note(wait.into_duration()) {
            self.config = self.config.wait(wait);
        }
        self
    }

    /// How many calls may wait at a time, from 1. **Default**: any number.
    pub fn queue(mut self, queue: u32) -> Self {
        let queue = Fault::from_verdict(BulkheadConfig::queue_fault(queue)).map(|()| queue);
        if let Some(queue) = self.faults.note(queue) {
            self.config = self.config.queue(queue);
        }
        self
    }

    /// Adds a listener that is called when a call is refused.
    pub fn on_full(
        mut self,
        listener: impl Fn(&BulkheadFullEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.listeners.push(Arc::new(listener));
        self
    }

    /// The bulkhead.
    ///
    /// # Panics
    ///
    /// When an option was given a value it cannot have; [`try_build`](Self::try_build) returns that
    /// as an error.
    #[track_caller]
    #[must_use]
    pub fn build(self) -> Bulkhead {
        self.try_build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The bulkhead.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the options, at once.
    pub fn try_build(mut self) -> Result<Bulkhead, ConfigError> {
        self.faults.note(self.config.check());
        self.faults.verdict("bulkhead")?;
        let label = self
            .name
            .clone()
            .map_or(Label::Unnamed(&"bulkhead"), |name| Label::Given(Arc::new(name)));
        let instance = Arc::new(Instance::new(label, self.config, self.listeners));
        if let Some(name) = &self.name {
            Registry::with_current(|registry| {
                registry.adopt("bulkhead", name, Arc::clone(&instance) as _);
            });
        }
        Ok(Bulkhead { source: Source::Built(instance) })
    }
}

impl fmt::Debug for BulkheadBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkheadBuilder")
            .field("name", &self.name)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
