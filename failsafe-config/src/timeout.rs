use crate::fault::demand;
use crate::spec::{OnFailure, OptionSpec, PolicySpec, Rejection, Runs, policy_config};
use crate::{DurationText, Fault, Value};
use std::time::Duration;

/// What a timeout can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeoutConfig {
    limit: Duration,
}

impl TimeoutConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "timeout",
        type_name: "Timeout",
        blank: || Box::new(TimeoutConfig::new()),
        positional: Some("limit"),
        options: &[
            OptionSpec::config(
                "limit",
                Some("limit"),
                "",
                "\"1s\"",
                "How long one run of what is inside may take; written first, without its name.",
            ),
            OptionSpec::call(
                "on_timeout",
                crate::Shape::Listener,
                "|event| ..",
                "Called when the limit has passed, before the call inside is dropped.",
            ),
        ],
        exclusive: &[],
        requires: &[],
        needs_one_of: Some((&["limit"], "write how long it may take: `timeout(\"1s\")`")),
        stateful: false,
        twice: None,
        name_alone: crate::spec::NameAlone::Refers,
        runs: Runs::Once,
        rejects: Some(Rejection::of_kind("Timeout")),
        on_failure: OnFailure::Other,
        generic: false,
        needs_async: Some(
            "`timeout` works by dropping a future, and a blocking function cannot be stopped from \
             outside: make it an `async fn`, or give the client it calls a timeout of its own",
        ),
        is_step: true,
    };

    /// A configuration whose limit is still to be given.
    pub const fn new() -> Self {
        Self { limit: Duration::MAX }
    }

    /// How long one run may take. More than zero.
    ///
    /// # Panics
    ///
    /// When the limit is zero.
    #[must_use]
    #[track_caller]
    pub const fn limit(mut self, limit: Duration) -> Self {
        demand(Self::limit_fault(limit));
        self.limit = limit;
        self
    }

    /// What is wrong with a limit.
    pub const fn limit_fault(limit: Duration) -> Option<&'static str> {
        if limit.is_zero() {
            return Some(
                "a timeout of zero fails every call: write a longer one, or remove the timeout",
            );
        }
        None
    }

    /// How long one run may take.
    pub const fn get_limit(&self) -> Duration {
        self.limit
    }

    /// Sets one option from what was written.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the value and what to write instead.
    pub fn set(&mut self, option: &str, value: &Value) -> Result<(), Fault> {
        debug_assert_eq!(option, "limit", "the only option with a value");
        let limit = value.duration()?;
        Fault::from_verdict(Self::limit_fault(limit))?;
        self.limit = limit;
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
        vec![crate::duration::fingerprint("Limit", Some(self.limit))]
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        vec![format!("limit({})", crate::duration::constant(self.limit))]
    }

    /// What it does, for the documentation of the function it stands on.
    pub fn summary(&self) -> String {
        format!("at most {} for each run", DurationText(self.limit))
    }
}

policy_config!(TimeoutConfig);

impl Default for TimeoutConfig {
    fn default() -> Self {
        Self::new()
    }
}
