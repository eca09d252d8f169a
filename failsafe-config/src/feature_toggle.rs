use crate::spec::{OnFailure, OptionSpec, PolicySpec, Rejection, Runs, Shape, policy_config};
use crate::{Fault, Value};

/// What a feature toggle can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeatureToggleConfig {
    enabled: bool,
}

impl FeatureToggleConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "feature_toggle",
        type_name: "FeatureToggle",
        blank: || Box::new(FeatureToggleConfig::new()),
        positional: None,
        options: OPTIONS,
        exclusive: &[],
        requires: &[],
        needs_one_of: None,
        stateful: true,
        twice: None,
        name_alone: crate::spec::NameAlone::Declares,
        runs: Runs::Once,
        rejects: Some(Rejection::of_kind("FeatureDisabled").lasting()),
        on_failure: OnFailure::Other,
        generic: false,
        needs_async: None,
        is_step: false,
    };

    /// Switched on.
    pub const fn new() -> Self {
        Self { enabled: true }
    }

    /// Whether it is on at the start.
    #[must_use]
    pub const fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Whether it is on at the start.
    pub const fn get_enabled(&self) -> bool {
        self.enabled
    }

    /// Sets one option from what was written.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the value and what to write instead.
    pub fn set(&mut self, option: &str, value: &Value) -> Result<(), Fault> {
        debug_assert_eq!(option, "enabled", "the only option with a value");
        self.enabled = value.flag()?;
        Ok(())
    }

    /// What is wrong with the options together: nothing can be.
    ///
    /// # Errors
    ///
    /// Never.
    pub fn check(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// The values that two declarations of one name must share.
    pub fn fingerprint(&self) -> Vec<(&'static str, u64, u64)> {
        vec![("Enabled", self.enabled.into(), 0)]
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        if self.enabled { Vec::new() } else { vec!["enabled(false)".to_owned()] }
    }

    /// What it does, for the documentation of the function it stands on.
    pub fn summary(&self) -> String {
        let start = if self.enabled { "on" } else { "off" };
        format!("{start}, until it is switched at run time")
    }
}

policy_config!(FeatureToggleConfig);

impl Default for FeatureToggleConfig {
    fn default() -> Self {
        Self::new()
    }
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::config(
        "enabled",
        Some("enabled"),
        "true",
        "false",
        "Whether it is on at the start.",
    ),
    OptionSpec::call(
        "when",
        Shape::Function,
        "|| user.is_beta()",
        "Asked at each call while it is on; `false` turns the call away.",
    ),
    OptionSpec::call(
        "otherwise",
        Shape::Expression,
        "Ok(Vec::new())",
        "What a call that is turned away returns, instead of a rejection.",
    ),
    OptionSpec::call(
        "on_disabled",
        Shape::Listener,
        "|event| ..",
        "Called for each call that is turned away.",
    ),
];
