use crate::spec::{OnFailure, OptionSpec, PolicySpec, Runs, Shape, policy_config};
use crate::{Fault, Value};

/// What a fallback can be told: nothing that is a plain value, so this is empty; its options are
/// evaluated in the function it guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FallbackConfig {
    _private: (),
}

impl FallbackConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "fallback",
        type_name: "Fallback",
        blank: || Box::new(FallbackConfig::new()),
        positional: None,
        options: &[
            OptionSpec::call(
                "value",
                Shape::Expression,
                "Ok(Greeting::default())",
                "The return value to give instead of a failure, evaluated when it is needed.",
            ),
            OptionSpec::call(
                "with",
                Shape::Function,
                "|failure| ..",
                "Makes the return value from the failure; sync, or async on an async function.",
            )
            .may_wait(),
            OptionSpec::call(
                "error",
                Shape::Expression,
                "Error::Unavailable",
                "The error to return instead of a failure.",
            ),
            OptionSpec::call("handle", Shape::Pattern, "Err(_)", crate::retry::HANDLE),
            OptionSpec::call("handle_if", Shape::Function, "is_transient", crate::retry::HANDLE_IF),
            OptionSpec::call(
                "handle_rejected",
                Shape::Kinds,
                "Kind::Timeout",
                crate::retry::HANDLE_REJECTED,
            ),
            OptionSpec::call(
                "on_fallback",
                Shape::Listener,
                "|event| ..",
                "Called when the fallback has been used, whether or not it failed itself.",
            ),
            OptionSpec::call("on_success", Shape::Listener, "|event| ..", crate::retry::ON_SUCCESS),
            OptionSpec::call("on_failure", Shape::Listener, "|event| ..", crate::retry::ON_FAILURE),
        ],
        exclusive: &[&["value", "with", "error"]],
        requires: &[],
        needs_one_of: Some((
            &["value", "with", "error"],
            "say what to return instead: `value = ..`, `with = |failure| ..` or `error = ..`",
        )),
        stateful: false,
        twice: None,
        name_alone: crate::spec::NameAlone::Refers,
        runs: Runs::Once,
        rejects: None,
        on_failure: OnFailure::Answers,
        generic: true,
        needs_async: None,
        is_step: false,
    };

    /// The configuration.
    pub const fn new() -> Self {
        Self { _private: () }
    }

    /// Sets one option from what was written.
    ///
    /// # Errors
    ///
    /// Always: no option of a fallback is a plain value.
    pub fn set(&mut self, option: &str, _value: &Value) -> Result<(), Fault> {
        Err(Fault::quoting(format!("`{option}` of a fallback is code, not a value")))
    }

    /// What is wrong with the options together: nothing can be.
    ///
    /// # Errors
    ///
    /// Never.
    pub fn check(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// The values that two declarations of one name must share: none.
    pub fn fingerprint(&self) -> Vec<(&'static str, u64, u64)> {
        Vec::new()
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        Vec::new()
    }

    /// What it does, for the documentation of the function it stands on.
    pub fn summary(&self) -> String {
        "answers instead of a failure".to_owned()
    }
}

policy_config!(FallbackConfig);
