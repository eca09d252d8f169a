use crate::fault::demand;
use crate::spec::{OnFailure, OptionSpec, PolicySpec, Rejection, Runs, Shape, policy_config};
use crate::{
    CallerOptions, DurationText, Fault, KeyBounds, Rate, Value, key, parse_duration, priority,
};
use std::fmt;
use std::time::Duration;

/// What an adaptive throttler can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdaptiveThrottlerConfig {
    failure_rate: FailureRate,
    max_rejection: Rate,
    keys: KeyBounds,
    caller: CallerOptions,
}

key::bounded!(AdaptiveThrottlerConfig);
priority::said!(AdaptiveThrottlerConfig);

/// From which share of failures on calls are refused: `"10% of 20 in 1m"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureRate {
    /// The share of failures up to which every call goes through; below the whole.
    pub rate: Rate,
    /// The fewest calls that decide.
    pub of: u32,
    /// Within how long.
    pub period: Duration,
}

impl FailureRate {
    const DEFAULT: Self =
        Self { rate: Rate::from_billionths(100_000_000), of: 0, period: Duration::from_secs(60) };

    /// What is wrong with it.
    pub const fn fault(&self) -> Option<&'static str> {
        if self.rate.rest().billionths() == 0 {
            return Some(
                "at a failure rate of 100% nothing would ever be refused: write the share of \
                 failures up to which all calls go through, such as \"10%\"",
            );
        }
        if self.period.as_nanos() < 20 {
            return Some(
                "the period is too short: it is cut into twenty slices, so it is at least 20ns",
            );
        }
        None
    }

    /// Reads `10%`, `10% in 1m`, `10% of 20` or `10% of 20 in 1m`.
    ///
    /// # Errors
    ///
    /// Shows the forms there are.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let unreadable = || unreadable(&Value::Text(text.to_owned()));
        let (counted, period) = match text.split_once(" in ") {
            Some((counted, period)) => (counted.trim(), parse_duration(period)?),
            None => (text.trim(), Self::DEFAULT.period),
        };
        let (rate, of) = match counted.split_once(" of ") {
            Some((rate, of)) => (rate, of.trim().parse().map_err(|_| unreadable())?),
            None => (counted, Self::DEFAULT.of),
        };
        if !rate.trim().ends_with('%') {
            return Err(unreadable());
        }
        Ok(Self { rate: Rate::parse_percent(rate)?, of, period })
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        match value {
            Value::Text(text) => Self::parse(text)?.into_failure_rate(),
            Value::Float(share) => share.into_failure_rate(),
            Value::Int(percent @ 0..=99) => Err(Fault::quoting(format!(
                "`{percent}` is no share: write \"{percent}%\" or a number from 0 to 1"
            ))),
            other => Err(unreadable(other)),
        }
    }
}

fn unreadable(value: &Value) -> Fault {
    Fault::quoting(format!(
        "{value} is not a failure rate: write \"10%\", \"10% in 1m\" (within a minute) or \
         \"10% of 20 in 1m\" (of at least 20 calls)"
    ))
}

impl fmt::Display for FailureRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failures", self.rate)?;
        if self.of > 0 {
            write!(f, " of at least {} calls", self.of)?;
        }
        write!(f, " in {}", DurationText(self.period))
    }
}

/// What a builder takes as a failure rate: `"10% of 20 in 1m"`, `0.1`, or the typed form.
pub trait IntoFailureRate {
    /// The failure rate.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or nothing could be refused by it.
    fn into_failure_rate(self) -> Result<FailureRate, Fault>;
}

impl IntoFailureRate for FailureRate {
    fn into_failure_rate(self) -> Result<FailureRate, Fault> {
        Fault::from_verdict(self.fault())?;
        Ok(self)
    }
}

impl IntoFailureRate for &str {
    fn into_failure_rate(self) -> Result<FailureRate, Fault> {
        FailureRate::parse(self)?.into_failure_rate()
    }
}

impl IntoFailureRate for f64 {
    fn into_failure_rate(self) -> Result<FailureRate, Fault> {
        FailureRate { rate: Rate::new(self)?, ..FailureRate::DEFAULT }.into_failure_rate()
    }
}

/// What a builder takes as the most that may be refused: `0.9` or `"90%"`.
pub trait IntoMaxRejection {
    /// The share.
    ///
    /// # Errors
    ///
    /// When it is not from 0 to 1, or cannot be read.
    fn into_max_rejection(self) -> Result<Rate, Fault>;
}

impl IntoMaxRejection for f64 {
    fn into_max_rejection(self) -> Result<Rate, Fault> {
        Rate::read(&Value::Float(self), AdaptiveThrottlerConfig::max_rejection_fault)
    }
}

impl IntoMaxRejection for &str {
    fn into_max_rejection(self) -> Result<Rate, Fault> {
        Rate::read(&Value::Text(self.to_owned()), AdaptiveThrottlerConfig::max_rejection_fault)
    }
}

impl IntoMaxRejection for Rate {
    fn into_max_rejection(self) -> Result<Rate, Fault> {
        Ok(self)
    }
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::config(
        "failure_rate",
        Some("failure_rate"),
        "\"10% in 1m\"",
        "\"10% of 20 in 1m\"",
        "From which share of failures on it refuses calls: \"10%\", \"10% in 1m\" or \"10% of 20 in 1m\".",
    ),
    OptionSpec::config(
        "max_rejection",
        Some("max_rejection"),
        "0.9",
        "0.9",
        "How large a share of the calls it refuses at most; the others find out whether the service is well.",
    ),
    OptionSpec::call("handle", Shape::Pattern, "Err(_)", crate::retry::HANDLE),
    OptionSpec::call("handle_if", Shape::Function, "is_outage", crate::retry::HANDLE_IF),
    OptionSpec::call(
        "handle_rejected",
        Shape::Kinds,
        "Kind::Timeout",
        crate::retry::HANDLE_REJECTED,
    ),
    priority::PRIORITIZER,
    priority::PRIORITY,
    priority::LEVEL,
    priority::USER,
    OptionSpec::call(
        "key",
        Shape::Expression,
        "tenant",
        "One throttler for each value of this expression.",
    ),
    key::MAX_KEYS,
    key::KEY_IDLE,
    OptionSpec::call(
        "on_throttled",
        Shape::Listener,
        "|event| ..",
        "Called when a call is refused.",
    ),
    OptionSpec::call("on_success", Shape::Listener, "|event| ..", crate::retry::ON_SUCCESS),
    OptionSpec::call("on_failure", Shape::Listener, "|event| ..", crate::retry::ON_FAILURE),
];

impl AdaptiveThrottlerConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "adaptive_throttler",
        type_name: "AdaptiveThrottler",
        blank: || Box::new(AdaptiveThrottlerConfig::new()),
        positional: None,
        options: OPTIONS,
        exclusive: &[],
        requires: &[
            key::MAX_KEYS_NEEDS_KEY,
            key::KEY_IDLE_NEEDS_KEY,
            priority::NEED_PRIORITIZER[0],
            priority::NEED_PRIORITIZER[1],
            priority::NEED_PRIORITIZER[2],
        ],
        needs_one_of: None,
        stateful: true,
        twice: Some("each call would count as two"),
        name_alone: crate::spec::NameAlone::Refers,
        runs: Runs::Once,
        rejects: Some(Rejection::of_kind("Throttled")),
        on_failure: OnFailure::Acts,
        generic: false,
        needs_async: None,
        is_step: false,
    };

    /// From a tenth of failures in a minute on, up to nine tenths of the calls.
    pub const fn new() -> Self {
        Self {
            failure_rate: FailureRate::DEFAULT,
            max_rejection: Rate::from_billionths(900_000_000),
            keys: KeyBounds::new(),
            caller: CallerOptions::new(),
        }
    }

    /// From which share of failures on it refuses calls.
    ///
    /// # Panics
    ///
    /// When the share is the whole, or the period is shorter than 20 nanoseconds.
    #[must_use]
    #[track_caller]
    pub const fn failure_rate(mut self, failure_rate: FailureRate) -> Self {
        demand(failure_rate.fault());
        self.failure_rate = failure_rate;
        self
    }

    /// How large a share of the calls it refuses at most, from 0 to 1.
    ///
    /// # Panics
    ///
    /// When it is not from 0 to 1.
    #[must_use]
    #[track_caller]
    pub const fn max_rejection(self, share: f64) -> Self {
        demand(Self::max_rejection_fault(share));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the share was just found to be from 0 to 1"
        )]
        let billionths = (share * 1e9 + 0.5) as u64;
        self.max_rejection_share(Rate::from_billionths(billionths))
    }

    /// The same, as a share.
    #[must_use]
    pub const fn max_rejection_share(mut self, share: Rate) -> Self {
        self.max_rejection = share;
        self
    }

    /// What is wrong with a share of calls.
    pub const fn max_rejection_fault(share: f64) -> Option<&'static str> {
        if share >= 0.0 && share <= 1.0 {
            return None;
        }
        Some("`max_rejection` is a share of the calls, from 0 to 1: write 0.9 or \"90%\"")
    }

    /// From which share of failures on it refuses calls.
    pub const fn get_failure_rate(&self) -> FailureRate {
        self.failure_rate
    }

    /// How large a share of the calls it refuses at most.
    pub const fn get_max_rejection(&self) -> Rate {
        self.max_rejection
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
            "priority" | "level" => self.caller.set(option, value)?,
            "failure_rate" => self.failure_rate = FailureRate::read(value)?,
            _ => self.max_rejection = Rate::read(value, Self::max_rejection_fault)?,
        }
        Ok(())
    }

    /// The values that two declarations of one name must share.
    pub fn fingerprint(&self) -> Vec<(&'static str, u64, u64)> {
        let FailureRate { rate, of, period } = self.failure_rate;
        let [max_keys, key_idle] = self.keys.fingerprint();
        vec![
            ("Rate", rate.billionths(), 0),
            ("FewestCalls", of.into(), 0),
            crate::duration::fingerprint("Period", Some(period)),
            ("MaxRejection", self.max_rejection.billionths(), 0),
            max_keys,
            key_idle,
        ]
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        const TYPES: &str = "::failsafe::config";
        let (mut calls, new) = (Vec::new(), Self::new());
        if self.failure_rate != new.failure_rate {
            let FailureRate { rate, of, period } = self.failure_rate;
            calls.push(format!(
                "failure_rate({TYPES}::FailureRate {{ rate: {TYPES}::Rate::from_billionths({}), \
                 of: {of}, period: {} }})",
                rate.billionths(),
                crate::duration::constant(period)
            ));
        }
        if self.max_rejection != new.max_rejection {
            let billionths = self.max_rejection.billionths();
            calls
                .push(format!("max_rejection_share({TYPES}::Rate::from_billionths({billionths}))"));
        }
        calls.extend(self.keys.recipe());
        calls.extend(self.caller.recipe());
        calls
    }

    /// What it does, for the documentation of the function it stands on.
    pub fn summary(&self) -> String {
        let Self { failure_rate, max_rejection, .. } = self;
        format!("refuses up to {max_rejection} of the calls from {failure_rate} on")
    }
}

policy_config!(AdaptiveThrottlerConfig {
    fn key_bounds(&self) -> KeyBounds {
        self.keys
    }
});

impl Default for AdaptiveThrottlerConfig {
    fn default() -> Self {
        Self::new()
    }
}
