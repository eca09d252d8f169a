use super::Bulkhead;
use super::event::{BulkheadFullEvent, Listener};
use super::instance::Instance;
use crate::building::{Parts, builds};
use crate::label::Label;
use crate::source::Source;
use failsafe_config::{BulkheadConfig, Fault, IntoDuration};
use std::sync::Arc;

/// Builds a [`Bulkhead`]; its methods are the options of `#[bulkhead]`.
#[must_use = "a builder does nothing until it builds"]
pub struct BulkheadBuilder {
    parts: Parts<BulkheadConfig>,
    listeners: Vec<Listener>,
}

impl BulkheadBuilder {
    pub(super) fn new(max: u32) -> Self {
        let mut parts = Parts::new(BulkheadConfig::new());
        parts.set_by(Ok(max), BulkheadConfig::max_fault, BulkheadConfig::max);
        Self { parts, listeners: Vec::new() }
    }

    /// How long a guarded call may wait for a place. **Default**: not at all.
    pub fn wait(mut self, wait: impl IntoDuration) -> Self {
        self.parts.set(wait.into_duration(), BulkheadConfig::wait);
        self
    }

    /// How many calls may wait at a time, from 1. **Default**: any number.
    pub fn queue(mut self, queue: u32) -> Self {
        self.parts.set_by(Ok(queue), BulkheadConfig::queue_fault, BulkheadConfig::queue);
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

    fn check(&self) -> Result<(), Fault> {
        self.parts.config.check()
    }

    fn make(self, label: Label) -> Bulkhead {
        let instance = Instance::new(label, self.parts.config, self.listeners);
        Bulkhead { source: Source::Built(Arc::new(instance)) }
    }
}

builds!(BulkheadBuilder => Bulkhead, "bulkhead", "bulkhead", check);
