use crate::fault::demand;
use crate::spec::{OptionSpec, PolicySpec, Shape};
use crate::{DurationText, Fault, Rate, Value, parse_duration};
use std::fmt;
use std::time::Duration;

/// The most calls a count window can hold: it is a ring of that many bits.
const MOST_CALLS: u32 = 1_000_000;

/// When a closed breaker opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failures {
    /// `"3/5"`: so many of the last so many calls; `5` in a row is 5 of the last 5.
    Count {
        /// How many failures open it.
        failures: u32,
        /// Of how many calls.
        of: u32,
    },
    /// `"3 in 1m"`: so many within the period.
    Period {
        /// How many failures open it.
        failures: u32,
        /// Within how long.
        period: Duration,
    },
    /// `"20% of 5 in 1m"`: this share of at least so many calls, within the period or, without
    /// one, of the last so many calls.
    Rate {
        /// Which share of the calls must have failed; 0% is any failure at all.
        rate: Rate,
        /// The fewest calls that decide.
        of: u32,
        /// Within how long; without it the last `of` calls count.
        period: Option<Duration>,
    },
}

/// When a half-open breaker closes: so many successes of so many trial calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Successes {
    /// How many successes close it.
    pub successes: u32,
    /// Of how many trial calls.
    pub of: u32,
}

/// What a circuit breaker can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitBreakerConfig {
    failures: Failures,
    successes: Option<Successes>,
    delay: Duration,
    slow: Option<Duration>,
}

impl CircuitBreakerConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "circuit_breaker",
        type_name: "CircuitBreaker",
        blank: || Box::new(CircuitBreakerConfig::new()),
        positional: None,
        options: OPTIONS,
        exclusive: &[],
        requires: &[
            ("max_keys", &["key"], "`max_keys` bounds the instances of a `key`, and there is none"),
            ("key_idle", &["key"], "`key_idle` evicts instances of a `key`, and there is none"),
        ],
        needs_one_of: None,
        stateful: true,
        reruns: false,
        rejects: true,
        needs_async: None,
    };

    /// Opens after one failure, for one minute.
    pub const fn new() -> Self {
        Self {
            failures: Failures::Count { failures: 1, of: 1 },
            successes: None,
            delay: Duration::from_secs(60),
            slow: None,
        }
    }

    /// When it opens.
    ///
    /// # Panics
    ///
    /// When the threshold cannot be met.
    #[must_use]
    #[track_caller]
    pub const fn threshold(mut self, failures: Failures) -> Self {
        demand(failures.fault());
        self.failures = failures;
        self
    }

    /// Opens after this many failures in a row.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub const fn failures(self, failures: u32) -> Self {
        self.threshold(Failures::Count { failures, of: failures })
    }

    /// When a half-open breaker closes; without it the failure threshold decides.
    ///
    /// # Panics
    ///
    /// When it cannot be met.
    #[must_use]
    #[track_caller]
    pub const fn success_threshold(mut self, successes: Successes) -> Self {
        demand(successes.fault());
        self.successes = Some(successes);
        self
    }

    /// Closes after this many successful trial calls in a row.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub const fn successes(self, successes: u32) -> Self {
        self.success_threshold(Successes { successes, of: successes })
    }

    /// How long it stays open.
    #[must_use]
    pub const fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Counts calls that take longer than this as failures.
    ///
    /// # Panics
    ///
    /// When it is zero.
    #[must_use]
    #[track_caller]
    pub const fn slow(mut self, slow: Duration) -> Self {
        demand(Self::slow_fault(slow));
        self.slow = Some(slow);
        self
    }

    /// What is wrong with a limit for slow calls.
    pub const fn slow_fault(slow: Duration) -> Option<&'static str> {
        if slow.is_zero() {
            return Some("`slow` of zero makes every call a failure: write how long is too slow");
        }
        None
    }

    /// When it opens.
    pub const fn get_failures(&self) -> Failures {
        self.failures
    }

    /// When a half-open breaker closes.
    pub const fn get_successes(&self) -> Option<Successes> {
        self.successes
    }

    /// How long it stays open.
    pub const fn get_delay(&self) -> Duration {
        self.delay
    }

    /// Which calls are too slow.
    pub const fn get_slow(&self) -> Option<Duration> {
        self.slow
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
            "failures" => self.failures = Failures::read(value)?,
            "successes" => self.successes = Some(Successes::read(value)?),
            "delay" => self.delay = value.duration()?,
            _ => {
                let slow = value.duration()?;
                Fault::from_verdict(Self::slow_fault(slow))?;
                self.slow = Some(slow);
            }
        }
        Ok(())
    }

    /// The values that two declarations of one name must share.
    pub fn fingerprint(&self) -> Vec<(&'static str, u64, u64)> {
        use crate::duration::fingerprint;
        let (failures, of, rate, period) = match self.failures {
            Failures::Count { failures, of } => (failures, of, 0, None),
            Failures::Period { failures, period } => (failures, 0, 0, Some(period)),
            Failures::Rate { rate, of, period } => (0, of, rate.billionths(), period),
        };
        let successes = self.successes.unwrap_or(Successes { successes: 0, of: 0 });
        vec![
            ("Failures", failures.into(), of.into()),
            ("Rate", rate, 0),
            fingerprint("Period", period),
            ("Successes", successes.successes.into(), successes.of.into()),
            fingerprint("Delay", Some(self.delay)),
            fingerprint("Slow", self.slow),
        ]
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        use crate::duration::constant;
        const TYPES: &str = "::failsafe::config";
        let mut calls = Vec::new();
        match self.failures {
            Failures::Count { failures: 1, of: 1 } => {}
            Failures::Count { failures, of } if failures == of => {
                calls.push(format!("failures({failures})"));
            }
            Failures::Count { failures, of } => calls.push(format!(
                "threshold({TYPES}::Failures::Count {{ failures: {failures}, of: {of} }})"
            )),
            Failures::Period { failures, period } => calls.push(format!(
                "threshold({TYPES}::Failures::Period {{ failures: {failures}, period: {} }})",
                constant(period)
            )),
            Failures::Rate { rate, of, period } => {
                let period = period.map_or_else(
                    || "::core::option::Option::None".to_owned(),
                    |period| format!("::core::option::Option::Some({})", constant(period)),
                );
                calls.push(format!(
                    "threshold({TYPES}::Failures::Rate {{ rate: {TYPES}::Rate::from_billionths({}), \
                     of: {of}, period: {period} }})",
                    rate.billionths()
                ));
            }
        }
        match self.successes {
            None => {}
            Some(Successes { successes, of }) if successes == of => {
                calls.push(format!("successes({successes})"));
            }
            Some(Successes { successes, of }) => calls.push(format!(
                "success_threshold({TYPES}::Successes {{ successes: {successes}, of: {of} }})"
            )),
        }
        if self.delay != Duration::from_secs(60) {
            calls.push(format!("delay({})", constant(self.delay)));
        }
        if let Some(slow) = self.slow {
            calls.push(format!("slow({})", constant(slow)));
        }
        calls
    }

    /// What it does, for the documentation of the function it stands on.
    pub fn summary(&self) -> String {
        format!("opens after {} for {}", self.failures, DurationText(self.delay))
    }
}

impl Default for CircuitBreakerConfig {
    fn default() -> Self {
        Self::new()
    }
}

impl Failures {
    /// What is wrong with the threshold.
    pub const fn fault(&self) -> Option<&'static str> {
        match *self {
            Self::Count { failures: 0, .. } | Self::Period { failures: 0, .. } => {
                Some("a threshold of 0 failures would keep the circuit breaker open: write 1 or more")
            }
            Self::Count { failures, of } if failures > of => Some(
                "more failures than calls can never be reached: in \"3/5\" the first number is at \
                 most the second",
            ),
            Self::Count { of, .. } | Self::Rate { of, period: None, .. } if of > MOST_CALLS => {
                Some("a window of more than 1000000 calls is too large: count within a period instead")
            }
            Self::Rate { of: 0, .. } => {
                Some("a rate of at least 0 calls says nothing: write how many calls must have been made")
            }
            Self::Period { period, .. } | Self::Rate { period: Some(period), .. }
                if period.as_nanos() < 10 =>
            {
                Some("the period is too short: it is cut into ten slices, so it is at least 10ns")
            }
            _ => None,
        }
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        let failures = match value {
            Value::Text(text) => Self::parse(text)?,
            other => {
                let failures = other.count()?;
                Self::Count { failures, of: failures }
            }
        };
        Fault::from_verdict(failures.fault())?;
        Ok(failures)
    }

    /// Reads `5`, `3/5`, `3 in 1m`, `20% of 5` or `20% of 5 in 1m`.
    ///
    /// # Errors
    ///
    /// Shows the forms there are.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let (counted, period) = match text.split_once(" in ") {
            Some((counted, period)) => (counted.trim(), Some(parse_duration(period)?)),
            None => (text.trim(), None),
        };
        let unreadable = || {
            Fault::quoting(format!(
                "`{text}` is not a threshold: write 5 (in a row), \"3/5\" (of the last 5), \
                 \"3 in 1m\" (within a minute) or \"20% of 5 in 1m\" (of at least 5 calls)"
            ))
        };
        let count = |text: &str| text.trim().parse::<u32>().map_err(|_| unreadable());
        if let Some((rate, of)) = counted.split_once(" of ") {
            let rate = Rate::parse_percent(rate)?;
            return Ok(Self::Rate { rate, of: count(of)?, period });
        }
        match (counted.split_once('/'), period) {
            (Some((failures, of)), None) => {
                Ok(Self::Count { failures: count(failures)?, of: count(of)? })
            }
            (None, Some(period)) => Ok(Self::Period { failures: count(counted)?, period }),
            (None, None) if !counted.contains('%') => {
                let failures = count(counted)?;
                Ok(Self::Count { failures, of: failures })
            }
            _ => Err(unreadable()),
        }
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Count { failures: 1, of: 1 } => f.write_str("1 failure"),
            Self::Count { failures, of } if failures == of => {
                write!(f, "{failures} failures in a row")
            }
            Self::Count { failures, of } => write!(f, "{failures} failures in the last {of} calls"),
            Self::Period { failures, period } => {
                write!(f, "{failures} failures in {}", DurationText(period))
            }
            Self::Rate { rate, of, period } => {
                write!(f, "{rate} failures of at least {of} calls")?;
                period.map_or(Ok(()), |period| write!(f, " in {}", DurationText(period)))
            }
        }
    }
}

impl Successes {
    /// What is wrong with the threshold.
    pub const fn fault(&self) -> Option<&'static str> {
        if self.successes == 0 {
            return Some("a success threshold of 0 needs no trial call: write 1 or more");
        }
        if self.successes > self.of {
            return Some(
                "more successes than trial calls can never be reached: in \"3/5\" the first number \
                 is at most the second",
            );
        }
        if self.of > MOST_CALLS {
            return Some("more than 1000000 trial calls are too many");
        }
        None
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        let successes = match value {
            Value::Text(text) => Self::parse(text)?,
            other => {
                let successes = other.count()?;
                Self { successes, of: successes }
            }
        };
        Fault::from_verdict(successes.fault())?;
        Ok(successes)
    }

    /// Reads `2` or `3/5`.
    ///
    /// # Errors
    ///
    /// Shows the forms there are.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let unreadable = || {
            Fault::quoting(format!(
                "`{text}` is not a success threshold: write 2 (in a row) or \"3/5\" (of the last 5)"
            ))
        };
        let count = |text: &str| text.trim().parse::<u32>().map_err(|_| unreadable());
        let (successes, of) = text.split_once('/').unwrap_or((text, text));
        Ok(Self { successes: count(successes)?, of: count(of)? })
    }
}

/// What a builder takes as a failure threshold: a number, its text, or the typed form.
pub trait IntoFailures {
    /// The threshold.
    ///
    /// # Errors
    ///
    /// When the text is no threshold, or it cannot be met.
    fn into_failures(self) -> Result<Failures, Fault>;
}

impl IntoFailures for u32 {
    fn into_failures(self) -> Result<Failures, Fault> {
        Failures::Count { failures: self, of: self }.into_failures()
    }
}

impl IntoFailures for &str {
    fn into_failures(self) -> Result<Failures, Fault> {
        Failures::parse(self)?.into_failures()
    }
}

impl IntoFailures for Failures {
    fn into_failures(self) -> Result<Failures, Fault> {
        Fault::from_verdict(self.fault())?;
        Ok(self)
    }
}

/// What a builder takes as a success threshold: a number, its text, or the typed form.
pub trait IntoSuccesses {
    /// The threshold.
    ///
    /// # Errors
    ///
    /// When the text is no threshold, or it cannot be met.
    fn into_successes(self) -> Result<Successes, Fault>;
}

impl IntoSuccesses for u32 {
    fn into_successes(self) -> Result<Successes, Fault> {
        Successes { successes: self, of: self }.into_successes()
    }
}

impl IntoSuccesses for &str {
    fn into_successes(self) -> Result<Successes, Fault> {
        Successes::parse(self)?.into_successes()
    }
}

impl IntoSuccesses for Successes {
    fn into_successes(self) -> Result<Successes, Fault> {
        Fault::from_verdict(self.fault())?;
        Ok(self)
    }
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::config(
        "failures",
        Some("failures"),
        "1",
        "\"3/5\"",
        "When it opens: 5 (in a row), \"3/5\", \"3 in 1m\" or \"20% of 5 in 1m\".",
    ),
    OptionSpec::config(
        "successes",
        Some("successes"),
        "",
        "2",
        "When a half-open breaker closes; without it the failure threshold decides.",
    ),
    OptionSpec::config("delay", Some("delay"), "\"1m\"", "\"30s\"", "How long it stays open."),
    OptionSpec::config("slow", Some("slow"), "", "\"2s\"", "Slower calls are failures."),
    OptionSpec::call(
        "delay_with",
        Shape::Function,
        "|outcome| ..",
        "How long to stay open, from the outcome that opened it; `None` uses `delay`.",
    ),
    OptionSpec::call("handle", Shape::Pattern, "Err(_)", crate::retry::HANDLE),
    OptionSpec::call("handle_if", Shape::Function, "is_outage", crate::retry::HANDLE_IF),
    OptionSpec::call("handle_rejected", Shape::Kinds, "Kind::Timeout", crate::retry::HANDLE_REJECTED),
    OptionSpec::call(
        "key",
        Shape::Expression,
        "tenant",
        "One breaker for each value of this expression.",
    ),
    OptionSpec::call("max_keys", Shape::Expression, "1000", "The most keys kept; default 1000."),
    OptionSpec::call(
        "key_idle",
        Shape::Expression,
        "\"10m\"",
        "How long an unused key is kept; default 10 minutes.",
    ),
    OptionSpec::call(
        "on_state_changed",
        Shape::Listener,
        "|event| ..",
        "Called after every change of state.",
    ),
    OptionSpec::call("on_open", Shape::Listener, "|event| ..", "Called after it opened."),
    OptionSpec::call("on_half_open", Shape::Listener, "|event| ..", "Called after it half-opened."),
    OptionSpec::call("on_close", Shape::Listener, "|event| ..", "Called after it closed."),
    OptionSpec::call("on_success", Shape::Listener, "|event| ..", crate::retry::ON_SUCCESS),
    OptionSpec::call("on_failure", Shape::Listener, "|event| ..", crate::retry::ON_FAILURE),
];
