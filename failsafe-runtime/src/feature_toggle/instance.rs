//! One toggle: a flag with a name.

use crate::attempt::Counters;
use crate::events::{self, What};
use crate::label::Label;
use crate::registry::{Details, PolicySnapshot};
use crate::site::Declaration;
use crate::stateful::Stateful;
use failsafe_config::FeatureToggleConfig;
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One toggle, shared by everything that has its name.
pub(crate) struct Instance {
    label: Label,
    config: FeatureToggleConfig,
    // Nothing else is published with the flag, so its order with other memory does not matter.
    enabled: AtomicBool,
}

impl Instance {
    pub(crate) fn new(label: Label, config: FeatureToggleConfig) -> Self {
        Self { label, config, enabled: AtomicBool::new(config.get_enabled()) }
    }

    /// The toggle of a declaration.
    pub(crate) fn declared(declaration: &'static Declaration) -> Self {
        let config = declaration.config().copied().unwrap_or_default();
        Self::new(Label::Declared(declaration), config)
    }

    pub(crate) const fn label(&self) -> &Label {
        &self.label
    }

    pub(crate) const fn config(&self) -> &FeatureToggleConfig {
        &self.config
    }

    #[inline]
    pub(crate) fn is_enabled(&self) -> bool {
        self.enabled.load(Ordering::Relaxed)
    }

    /// Switches it; nothing is told if it is as wanted already.
    pub(crate) fn switch(&self, enabled: bool) {
        if self.enabled.swap(enabled, Ordering::Relaxed) != enabled {
            let what = What::Switched { enabled };
            events::emit("feature_toggle", || self.label.clone(), Counters::default(), what);
        }
    }
}

impl Stateful for Instance {
    fn name(&self) -> &str {
        self.label.name()
    }

    fn snapshot(&self) -> PolicySnapshot {
        let state = if self.is_enabled() { "enabled" } else { "disabled" };
        PolicySnapshot {
            policy: "feature_toggle",
            name: self.label.name().to_owned(),
            details: Details::new().text("state", state),
        }
    }

    fn reset(&self) {
        self.switch(self.config.get_enabled());
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeatureToggle")
            .field("name", &self.label.name())
            .field("enabled", &self.is_enabled())
            .finish_non_exhaustive()
    }
}
