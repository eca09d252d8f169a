use crate::fault::demand;
use crate::key;
use crate::spec::{OnFailure, OptionSpec, PolicySpec, Rejection, Runs, Shape, policy_config};
use crate::{DurationText, Fault, KeyBounds, Value};
use std::time::Duration;

/// What a fail-fast can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailFastConfig {
    failures: Option<u32>,
    every: Duration,
    keys: KeyBounds,
}

key::bounded!(FailFastConfig);

impl FailFastConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "fail_fast",
        type_name: "FailFast",
        blank: || Box::new(FailFastConfig::new()),
        positional: None,
        options: OPTIONS,
        exclusive: &[],
        requires: &[
            (
                "every",
                &["probe"],
                "`every` says how often the probe is run, and there is none: add `probe = ..` or \
                 remove it",
            ),
            key::MAX_KEYS_NEEDS_KEY,
            key::KEY_IDLE_NEEDS_KEY,
        ],
        needs_one_of: None,
        stateful: true,
        twice: Some("each failure would count as two"),
        name_alone: crate::spec::NameAlone::Refers,
        runs: Runs::Once,
        rejects: Some(Rejection::of_kind("FailFast").lasting()),
        on_failure: OnFailure::Acts,
        generic: false,
        needs_async: None,
        is_step: false,
    };

    /// Fails fast after one failure, and probes every five seconds.
    pub const fn new() -> Self {
        Self { failures: Some(1), every: Duration::from_secs(5), keys: KeyBounds::new() }
    }

    /// How many failures in a row put it in the failed state.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub const fn failures(mut self, failures: u32) -> Self {
        demand(Self::failures_fault(failures));
        self.failures = Some(failures);
        self
    }

    /// No number of failures puts it in the failed state: only code does.
    #[must_use]
    pub const fn unlimited(mut self) -> Self {
        self.failures = None;
        self
    }

    /// How long after it failed, and after each probe, the next probe is run; also how long an
    /// asynchronous probe may take.
    ///
    /// # Panics
    ///
    /// When it is zero.
    #[must_use]
    #[track_caller]
    pub const fn every(mut self, every: Duration) -> Self {
        demand(Self::every_fault(every));
        self.every = every;
        self
    }

    /// What is wrong with a number of failures.
    pub const fn failures_fault(failures: u32) -> Option<&'static str> {
        if failures == 0 {
            return Some(
                "after 0 failures it would refuse every call: write 1 or more, or `unlimited` if \
                 only code puts it in the failed state",
            );
        }
        None
    }

    /// What is wrong with the time between probes.
    pub const fn every_fault(every: Duration) -> Option<&'static str> {
        if every.is_zero() {
            return Some(
                "`every` of zero leaves a probe no time and runs one for every call: write how \
                 long to wait between them, such as \"5s\"",
            );
        }
        None
    }

    /// How many failures in a row put it in the failed state; `None` is no number of them.
    pub const fn get_failures(&self) -> Option<u32> {
        self.failures
    }

    /// How long to wait between probes.
    pub const fn get_every(&self) -> Duration {
        self.every
    }

    /// What is wrong with the options together: nothing can be.
    ///
    /// # Errors
    ///
    /// Never.
    pub fn check(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// Sets one option from what was written.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the value and what to write instead.
    pub fn set(&mut self, option: &str, value: &Value) -> Result<(), Fault> {
        match option {
            "max_keys" | "key_idle" => self.keys.set(option, value)?,
            "failures" if value.text() == Some("unlimited") => self.failures = None,
            "failures" => {
                let failures = value.count().map_err(|fault| in_a_row(value, fault))?;
                Fault::from_verdict(Self::failures_fault(failures))?;
                self.failures = Some(failures);
            }
            _ => {
                let every = value.duration()?;
                Fault::from_verdict(Self::every_fault(every))?;
                self.every = every;
            }
        }
        Ok(())
    }

    /// The values that two declarations of one name must share.
    pub fn fingerprint(&self) -> Vec<(&'static str, u64, u64)> {
        let failures = self.failures.map_or((0, 0), |failures| (failures.into(), failures.into()));
        let [max_keys, key_idle] = self.keys.fingerprint();
        vec![
            ("Failures", failures.0, failures.1),
            crate::duration::fingerprint("Every", Some(self.every)),
            max_keys,
            key_idle,
        ]
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        let mut calls = Vec::new();
        match self.failures {
            Some(1) => {}
            Some(failures) => calls.push(format!("failures({failures})")),
            None => calls.push("unlimited()".to_owned()),
        }
        if self.every != Self::new().every {
            calls.push(format!("every({})", crate::duration::constant(self.every)));
        }
        calls.extend(self.keys.recipe());
        calls
    }

    /// What it does, for the documentation of the function it stands on.
    pub fn summary(&self) -> String {
        let every = DurationText(self.every);
        match self.failures {
            None => "refuses calls when code says so".to_owned(),
            Some(1) => {
                format!("refuses calls after a failure until it recovers, probed every {every}")
            }
            Some(failures) => format!(
                "refuses calls after {failures} failures in a row until it recovers, probed every \
                 {every}"
            ),
        }
    }
}

/// What to say of a threshold that a circuit breaker would take.
fn in_a_row(value: &Value, fault: Fault) -> Fault {
    let of_a_breaker = |text: &str| text.contains(['/', '%']) || text.contains(" in ");
    if !value.text().is_some_and(of_a_breaker) {
        return fault;
    }
    Fault::quoting(format!(
        "{value} is a threshold of `circuit_breaker`; `fail_fast` counts failures in a row: write a \
         number, such as 3"
    ))
}

policy_config!(FailFastConfig {
    fn key_bounds(&self) -> KeyBounds {
        self.keys
    }
});

impl Default for FailFastConfig {
    fn default() -> Self {
        Self::new()
    }
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::config(
        "failures",
        Some("failures"),
        "1",
        "3",
        "How many failures in a row put it in the failed state, or `unlimited`.",
    ),
    OptionSpec::config(
        "every",
        Some("every"),
        "\"5s\"",
        "\"30s\"",
        "How long to wait between probes, and the longest a probe may take.",
    ),
    OptionSpec::call(
        "probe",
        Shape::Function,
        "ping",
        "Asked in the failed state whether calls may pass again.",
    )
    .may_wait()
    .of_instance_if_free(),
    OptionSpec::call(
        "when",
        Shape::Function,
        "|| queue.is_full()",
        "Asked at each call; `true` refuses the call and changes nothing.",
    ),
    OptionSpec::call("handle", Shape::Pattern, "Err(_)", crate::retry::HANDLE),
    OptionSpec::call("handle_if", Shape::Function, "is_outage", crate::retry::HANDLE_IF),
    OptionSpec::call(
        "handle_rejected",
        Shape::Kinds,
        "Kind::Timeout",
        crate::retry::HANDLE_REJECTED,
    ),
    OptionSpec::call(
        "key",
        Shape::Expression,
        "tenant",
        "One state for each value of this expression.",
    ),
    key::MAX_KEYS,
    key::KEY_IDLE,
    OptionSpec::call(
        "on_failed",
        Shape::Listener,
        "|event| ..",
        "Called after it entered the failed state.",
    )
    .of_instance_if_free(),
    OptionSpec::call("on_recovered", Shape::Listener, "|event| ..", "Called after it recovered.")
        .of_instance_if_free(),
    OptionSpec::call(
        "on_fail_fast",
        Shape::Listener,
        "|event| ..",
        "Called for each call that is refused.",
    ),
];
