use super::hooks::{Answer, FeatureToggleEvent, Refuse};
use super::{FeatureToggle, Instance, Listener, When};
use crate::label::Label;
use crate::registry::Registry;
use crate::source::Source;
use failsafe_config::FeatureToggleConfig;
use std::fmt;
use std::sync::Arc;

/// Builds a [`FeatureToggle`].
#[must_use = "a builder does nothing until it builds"]
pub struct FeatureToggleBuilder<O = Refuse> {
    name: Option<String>,
    config: FeatureToggleConfig,
    when: Vec<When>,
    listeners: Vec<Listener>,
    otherwise: O,
}

impl FeatureToggleBuilder {
    pub(super) const fn new() -> Self {
        Self {
            name: None,
            config: FeatureToggleConfig::new(),
            when: Vec::new(),
            listeners: Vec::new(),
            otherwise: Refuse,
        }
    }
}

impl<O> FeatureToggleBuilder<O> {
    /// The name in events, rejections and the registry, where the first toggle of a name is listed.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Whether it is on at the start. **Default**: `true`.
    pub const fn enabled(mut self, enabled: bool) -> Self {
        self.config = self.config.enabled(enabled);
        self
    }

    /// Adds a predicate that is asked at each call while it is on; `false` turns the call away.
    pub fn when(mut self, when: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.when.push(Arc::new(when));
        self
    }

    /// What a call that is turned away returns. **Default**: it is rejected.
    pub fn otherwise<R>(
        self,
        otherwise: impl Fn() -> R + Send + Sync + 'static,
    ) -> FeatureToggleBuilder<Answer<R>> {
        let Self { name, config, when, listeners, .. } = self;
        let otherwise = Answer(Arc::new(otherwise));
        FeatureToggleBuilder { name, config, when, listeners, otherwise }
    }

    /// Adds a listener that is called for each call that is turned away.
    pub fn on_disabled(
        mut self,
        listener: impl Fn(&FeatureToggleEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.listeners.push(Arc::new(listener));
        self
    }

    /// The toggle.
    #[must_use]
    pub fn build(self) -> FeatureToggle<O> {
        let Self { name, config, when, listeners, otherwise } = self;
        let label = name
            .clone()
            .map_or(Label::Unnamed(&"feature_toggle"), |name| Label::Given(Arc::new(name)));
        let instance = Arc::new(Instance::new(label, config));
        if let Some(name) = &name {
            Registry::with_current(|registry| {
                registry.adopt("feature_toggle", name, Arc::clone(&instance) as _);
            });
        }
        FeatureToggle { source: Source::Built(instance), when, listeners, otherwise }
    }
}

impl<O> fmt::Debug for FeatureToggleBuilder<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeatureToggleBuilder")
            .field("name", &self.name)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
