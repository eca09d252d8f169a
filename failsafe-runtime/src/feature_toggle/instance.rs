//! One toggle: a flag with a name.

use crate::attempt::Counters;
use crate::events::{self, What};
use crate::label::Label;
use crate::live::Mode;
use crate::registry::{Details, PolicySnapshot};
use crate::site::Declaration;
use crate::stateful::Stateful;
use failsafe_config::{FeatureToggleConfig, PolicyConfig};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// Nobody has switched it: it is as its options say.
const UNSWITCHED: u8 = 0;
/// It was switched off.
const OFF: u8 = 1;
/// It was switched on.
const ON: u8 = 2;

/// One toggle, shared by everything that has its name.
pub(crate) struct Instance {
    label: Label,
    /// As it is written; settings may say otherwise.
    config: FeatureToggleConfig,
    // Nothing else is published with the two, so their order with other memory does not matter.
    switched: AtomicU8,
    /// What the options said when it was last told of them.
    told: AtomicBool,
}

impl Instance {
    pub(crate) fn new(label: Label, config: FeatureToggleConfig) -> Self {
        let told = AtomicBool::new(label.in_force(&config).get_enabled());
        Self { label, config, switched: AtomicU8::new(UNSWITCHED), told }
    }

    /// The toggle of a declaration.
    pub(crate) fn declared(declaration: &'static Declaration) -> Self {
        let config = declaration.written().copied().unwrap_or_default();
        Self::new(Label::Declared(declaration), config)
    }

    pub(crate) const fn label(&self) -> &Label {
        &self.label
    }

    /// The options in force.
    #[inline]
    pub(crate) fn config(&self) -> &FeatureToggleConfig {
        self.label.in_force(&self.config)
    }

    #[inline]
    pub(crate) fn mode(&self) -> Mode {
        self.label.mode()
    }

    #[inline]
    pub(crate) fn is_enabled(&self) -> bool {
        self.says(self.switched.load(Ordering::Relaxed))
    }

    /// Whether it is on if it was switched so: what code says is stronger than the options.
    #[inline]
    fn says(&self, switched: u8) -> bool {
        match switched {
            UNSWITCHED => self.config().get_enabled(),
            switched => switched == ON,
        }
    }

    /// Switches it; nothing is told if it is as wanted already.
    pub(crate) fn switch(&self, enabled: bool) {
        self.put(if enabled { ON } else { OFF });
    }

    fn put(&self, switched: u8) {
        let before = self.says(self.switched.swap(switched, Ordering::Relaxed));
        let now = self.says(switched);
        if before != now {
            self.tell(now);
        }
    }

    fn tell(&self, enabled: bool) {
        let what = What::Switched { enabled };
        events::emit("feature_toggle", || self.label.clone(), Counters::default(), what);
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

    /// As its options say, whatever code has said before.
    fn reset(&self) {
        self.put(UNSWITCHED);
    }

    fn reconfigure(&self, config: &dyn PolicyConfig) {
        let Some(config) = config.as_any().downcast_ref::<FeatureToggleConfig>() else { return };
        let enabled = config.get_enabled();
        let changes = self.told.swap(enabled, Ordering::Relaxed) != enabled;
        if changes && self.switched.load(Ordering::Relaxed) == UNSWITCHED {
            self.tell(enabled);
        }
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
