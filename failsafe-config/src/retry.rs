use crate::fault::demand;
use crate::spec::{OptionSpec, PolicySpec, Shape};
use crate::{DurationText, Fault, Value, parse_duration, parse_range};
use std::time::Duration;

pub(crate) const HANDLE: &str =
    "Which return values are failures: a pattern, with an optional `if`; replaces \"any failure\".";
pub(crate) const HANDLE_IF: &str =
    "Which return values are failures: a predicate over `&Return`; replaces \"any failure\".";
pub(crate) const HANDLE_REJECTED: &str =
    "Which rejections by the policies inside are failures; replaces \"any failure\".";
pub(crate) const ON_SUCCESS: &str = "Called when the policy has judged an outcome a success.";
pub(crate) const ON_FAILURE: &str = "Called when the policy has judged an outcome a failure.";

/// How long to wait between attempts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Delay {
    /// Not at all.
    None,
    /// Always the same time.
    Fixed(Duration),
    /// `first`, then each time longer by the factor, at most `max`.
    Backoff {
        /// The first delay.
        first: Duration,
        /// The longest.
        max: Duration,
    },
    /// A random time between the two, uniformly.
    Random {
        /// The shortest.
        min: Duration,
        /// The longest.
        max: Duration,
    },
}

/// How much a delay varies, to either side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Jitter {
    /// Not at all.
    None,
    /// Up to this time.
    Time(Duration),
    /// Up to this share of the delay.
    Factor(f64),
}

/// What a retry that has run out returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exhausted {
    /// The last outcome itself.
    Last,
    /// A rejection of kind `RetriesExceeded` whose source is the last error.
    Error,
}

/// What a retry can be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryConfig {
    max: Option<u32>,
    delay: Delay,
    factor: f64,
    jitter: Jitter,
    max_duration: Option<Duration>,
    exhausted: Exhausted,
}

impl RetryConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "retry",
        type_name: "Retry",
        blank: || Box::new(RetryConfig::new()),
        positional: None,
        options: OPTIONS,
        exclusive: &[&["max", "attempts"], &["delay", "backoff", "random_delay"]],
        requires: &[
            ("factor", &["backoff"], "`factor` is how fast a `backoff` grows, and there is none"),
            (
                "jitter",
                &["delay", "backoff", "random_delay", "delay_with"],
                "`jitter` varies a delay, and this retry has none: add `delay` or `backoff`",
            ),
        ],
        needs_one_of: None,
        stateful: false,
        reruns: true,
        rejects: false,
        needs_async: None,
    };

    /// Two retries after the first attempt, without a delay.
    pub const fn new() -> Self {
        Self {
            max: Some(2),
            delay: Delay::None,
            factor: 2.0,
            jitter: Jitter::None,
            max_duration: None,
            exhausted: Exhausted::Last,
        }
    }

    /// At most this many retries after the first attempt.
    #[must_use]
    pub const fn max(mut self, retries: u32) -> Self {
        self.max = Some(retries);
        self
    }

    /// Retries without end.
    #[must_use]
    pub const fn unlimited(mut self) -> Self {
        self.max = None;
        self
    }

    /// At most this many attempts in all, the first one included.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        demand(Self::attempts_fault(attempts));
        self.max = Some(attempts - 1);
        self
    }

    /// Waits this long before each retry.
    #[must_use]
    pub const fn delay(mut self, delay: Duration) -> Self {
        self.delay = Delay::Fixed(delay);
        self
    }

    /// Waits `first`, then each time longer by the factor, at most `max`.
    ///
    /// # Panics
    ///
    /// When `max` is shorter than `first`.
    #[must_use]
    #[track_caller]
    pub const fn backoff(mut self, first: Duration, max: Duration) -> Self {
        demand(Self::backoff_fault(first, max));
        self.delay = Delay::Backoff { first, max };
        self
    }

    /// How fast a backoff grows.
    ///
    /// # Panics
    ///
    /// When it is not above zero, or not finite.
    #[must_use]
    #[track_caller]
    pub const fn factor(mut self, factor: f64) -> Self {
        demand(Self::factor_fault(factor));
        self.factor = factor;
        self
    }

    /// Waits a random time between the two; with an end at zero there is no delay at all, as in
    /// failsafe-go.
    ///
    /// # Panics
    ///
    /// When `max` is shorter than `min`.
    #[must_use]
    #[track_caller]
    pub const fn random_delay(mut self, min: Duration, max: Duration) -> Self {
        demand(Self::random_delay_fault(min, max));
        self.delay = Delay::Random { min, max };
        self
    }

    /// Varies each delay by up to this time to either side.
    #[must_use]
    pub const fn jitter(mut self, jitter: Duration) -> Self {
        self.jitter = Jitter::Time(jitter);
        self
    }

    /// Varies each delay by up to this share of it to either side.
    ///
    /// # Panics
    ///
    /// When it is not from 0 to 1.
    #[must_use]
    #[track_caller]
    pub const fn jitter_factor(mut self, factor: f64) -> Self {
        demand(Self::jitter_factor_fault(factor));
        self.jitter = Jitter::Factor(factor);
        self
    }

    /// Stops when an attempt fails at or after this long since the start of the call.
    ///
    /// # Panics
    ///
    /// When it is zero.
    #[must_use]
    #[track_caller]
    pub const fn max_duration(mut self, max: Duration) -> Self {
        demand(Self::max_duration_fault(max));
        self.max_duration = Some(max);
        self
    }

    /// What to return when the retries have run out.
    #[must_use]
    pub const fn exhausted(mut self, exhausted: Exhausted) -> Self {
        self.exhausted = exhausted;
        self
    }

    /// What is wrong with a number of attempts.
    pub const fn attempts_fault(attempts: u32) -> Option<&'static str> {
        if attempts == 0 {
            return Some(
                "`attempts` counts the first attempt too, so it is at least 1: write `attempts = 1` \
                 for no retry, or `max = unlimited`",
            );
        }
        None
    }

    /// What is wrong with the two ends of a backoff.
    pub const fn backoff_fault(first: Duration, max: Duration) -> Option<&'static str> {
        if max.as_nanos() < first.as_nanos() {
            return Some(
                "the backoff range is inverted: its first delay is longer than its longest; swap \
                 the two ends",
            );
        }
        None
    }

    /// What is wrong with a backoff's factor.
    pub const fn factor_fault(factor: f64) -> Option<&'static str> {
        if factor.is_finite() && factor > 0.0 {
            return None;
        }
        Some("a backoff factor is above 0: 2 doubles the delay each time, 1 keeps it")
    }

    /// What is wrong with the two ends of a random delay.
    pub const fn random_delay_fault(min: Duration, max: Duration) -> Option<&'static str> {
        if max.as_nanos() < min.as_nanos() {
            return Some("the range is inverted: its low end is longer than its high end; swap them");
        }
        None
    }

    /// What is wrong with a jitter given as a share.
    pub const fn jitter_factor_fault(factor: f64) -> Option<&'static str> {
        if factor >= 0.0 && factor <= 1.0 {
            return None;
        }
        Some("a jitter without a unit is a share of the delay, from 0 to 1: 0.2 means 20 % of it")
    }

    /// What is wrong with a maximum duration.
    pub const fn max_duration_fault(max: Duration) -> Option<&'static str> {
        if max.is_zero() {
            return Some("a `max_duration` of zero allows no retry: leave it out for no limit");
        }
        None
    }

    /// The most retries after the first attempt; `None` is no limit.
    pub const fn get_max(&self) -> Option<u32> {
        self.max
    }

    /// How long to wait between attempts.
    pub const fn get_delay(&self) -> Delay {
        self.delay
    }

    /// How fast a backoff grows.
    pub const fn get_factor(&self) -> f64 {
        self.factor
    }

    /// How much a delay varies.
    pub const fn get_jitter(&self) -> Jitter {
        self.jitter
    }

    /// How long after the start of a call a failure is the last.
    pub const fn get_max_duration(&self) -> Option<Duration> {
        self.max_duration
    }

    /// What is returned when the retries have run out.
    pub const fn get_exhausted(&self) -> Exhausted {
        self.exhausted
    }

    /// What is wrong with the options together, when they are written as a declaration.
    ///
    /// # Errors
    ///
    /// When they cannot mean what they say.
    pub fn check(&self) -> Result<(), Fault> {
        if let Delay::Random { min: Duration::ZERO, max } = self.delay {
            return Err(Fault::quoting(format!(
                "a random delay from 0 is no delay at all: start it above 0, such as \"1ms..{}\"",
                DurationText(max)
            )));
        }
        let (Some(limit), Delay::Fixed(first) | Delay::Backoff { first, .. }) =
            (self.max_duration, self.delay)
        else {
            return Ok(());
        };
        if first >= limit && self.max != Some(0) {
            return Err(Fault::quoting(format!(
                "the first delay of {} does not fit in the `max_duration` of {}: make the delay \
                 shorter or the duration longer",
                DurationText(first),
                DurationText(limit),
            )));
        }
        Ok(())
    }

    /// Sets one option from what was written.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the value and what to write instead.
    pub fn set(&mut self, option: &str, value: &Value) -> Result<(), Fault> {
        match option {
            "max" if value.text() == Some("unlimited") => self.max = None,
            "max" => self.max = Some(value.count().map_err(or_unlimited)?),
            "attempts" => {
                let attempts = value.count()?;
                Fault::from_verdict(Self::attempts_fault(attempts))?;
                self.max = Some(attempts - 1);
            }
            "delay" => self.delay = Delay::Fixed(value.duration()?),
            "backoff" => {
                let (first, max) = range(value)?;
                self.delay = Delay::Backoff { first, max };
            }
            "random_delay" => {
                let (min, max) = range(value)?;
                self.delay = Delay::Random { min, max };
            }
            "factor" => {
                self.factor = number(value, "a factor such as 2 or 1.5")?;
                Fault::from_verdict(Self::factor_fault(self.factor))?;
            }
            "jitter" => self.jitter = jitter(value)?,
            "max_duration" => {
                let max = value.duration()?;
                Fault::from_verdict(Self::max_duration_fault(max))?;
                self.max_duration = Some(max);
            }
            _ => self.exhausted = exhausted(value)?,
        }
        Ok(())
    }

    /// The values that two declarations of one name must share.
    pub fn fingerprint(&self) -> Vec<(&'static str, u64, u64)> {
        use crate::duration::fingerprint;
        let (first, last) = match self.delay {
            Delay::None => (None, None),
            Delay::Fixed(delay) => (Some(delay), None),
            Delay::Backoff { first, max } => (Some(first), Some(max)),
            Delay::Random { min, max } => (Some(max), Some(min)),
        };
        let (jitter, share) = match self.jitter {
            Jitter::None => (None, 0.0),
            Jitter::Time(jitter) => (Some(jitter), 0.0),
            Jitter::Factor(factor) => (None, factor),
        };
        let max = self.max.map_or(u64::from(u32::MAX) + 1, u64::from);
        let exhausted = u64::from(self.exhausted == Exhausted::Error);
        vec![
            ("Max", max, exhausted),
            fingerprint("Delay", first),
            fingerprint("DelayTo", last),
            ("Factor", self.factor.to_bits() >> 32, 0),
            fingerprint("Jitter", jitter),
            ("JitterFactor", share.to_bits() >> 32, 0),
            fingerprint("MaxDuration", self.max_duration),
        ]
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        use crate::duration::constant;
        let mut calls = Vec::new();
        match self.max {
            None => calls.push("unlimited()".to_owned()),
            Some(2) => {}
            Some(max) => calls.push(format!("max({max})")),
        }
        match self.delay {
            Delay::None => {}
            Delay::Fixed(delay) => calls.push(format!("delay({})", constant(delay))),
            Delay::Backoff { first, max } => {
                calls.push(format!("backoff({}, {})", constant(first), constant(max)));
            }
            Delay::Random { min, max } => {
                calls.push(format!("random_delay({}, {})", constant(min), constant(max)));
            }
        }
        if (self.factor - 2.0).abs() > f64::EPSILON {
            calls.push(format!("factor({:?})", self.factor));
        }
        match self.jitter {
            Jitter::None => {}
            Jitter::Time(jitter) => calls.push(format!("jitter({})", constant(jitter))),
            Jitter::Factor(factor) => calls.push(format!("jitter_factor({factor:?})")),
        }
        if let Some(max) = self.max_duration {
            calls.push(format!("max_duration({})", constant(max)));
        }
        if self.exhausted == Exhausted::Error {
            calls.push("exhausted(::failsafe::config::Exhausted::Error)".to_owned());
        }
        calls
    }

    /// What it does, for the documentation of the function it stands on.
    pub fn summary(&self) -> String {
        let mut text = match self.max {
            None => "retries without limit".to_owned(),
            Some(1) => "up to 1 retry".to_owned(),
            Some(max) => format!("up to {max} retries"),
        };
        let delay = match self.delay {
            Delay::None => String::new(),
            Delay::Fixed(delay) => format!(", {} apart", DurationText(delay)),
            Delay::Backoff { first, max } => {
                format!(", backoff {} to {}", DurationText(first), DurationText(max))
            }
            Delay::Random { min, max } => {
                format!(", {} to {} apart at random", DurationText(min), DurationText(max))
            }
        };
        text.push_str(&delay);
        if let Some(max) = self.max_duration {
            text.push_str(&format!(", within {}", DurationText(max)));
        }
        text
    }
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self::new()
    }
}

fn or_unlimited(fault: Fault) -> Fault {
    Fault::quoting(format!("{fault}; for no limit write `max = unlimited`"))
}

fn range(value: &Value) -> Result<(Duration, Duration), Fault> {
    match value {
        Value::Text(text) => parse_range(text),
        other => Err(Fault::quoting(format!(
            "expected a range of durations such as \"1s..10s\", found {other}"
        ))),
    }
}

fn number(value: &Value, expected: &str) -> Result<f64, Fault> {
    match value {
        Value::Float(number) => Ok(*number),
        #[expect(clippy::cast_precision_loss, reason = "a factor that large has no use")]
        Value::Int(number) => Ok(*number as f64),
        other => Err(Fault::quoting(format!("expected {expected}, found {other}"))),
    }
}

fn jitter(value: &Value) -> Result<Jitter, Fault> {
    if let Value::Text(text) = value {
        return Ok(Jitter::Time(parse_duration(text)?));
    }
    let factor = number(value, "a duration such as \"50ms\" or a share such as 0.2")?;
    Fault::from_verdict(RetryConfig::jitter_factor_fault(factor))?;
    Ok(Jitter::Factor(factor))
}

fn exhausted(value: &Value) -> Result<Exhausted, Fault> {
    match value.text() {
        Some("last") => Ok(Exhausted::Last),
        Some("error") => Ok(Exhausted::Error),
        _ => Err(Fault::quoting(format!(
            "expected \"last\" (return the last outcome) or \"error\" (return `RetriesExceeded`), \
             found {value}"
        ))),
    }
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::config("max", Some("max"), "2", "3", "Retries after the first attempt, or `unlimited`."),
    OptionSpec::config("attempts", Some("attempts"), "3", "4", "Attempts in all, the first one included."),
    OptionSpec::config("delay", Some("delay"), "\"0s\"", "\"100ms\"", "The time before each retry."),
    OptionSpec::config(
        "backoff",
        None,
        "",
        "\"1s..10s\"",
        "The first and the longest delay; each is longer than the last by `factor`.",
    ),
    OptionSpec::config("factor", Some("factor"), "2", "1.5", "How fast a backoff grows."),
    OptionSpec::config(
        "random_delay",
        None,
        "",
        "\"1s..5s\"",
        "A delay between the two, uniformly at random.",
    ),
    OptionSpec::config(
        "jitter",
        Some("jitter"),
        "\"0s\"",
        "0.2",
        "How much a delay varies to either side: a time, or a share of it.",
    ),
    OptionSpec::config(
        "max_duration",
        Some("max_duration"),
        "",
        "\"1m\"",
        "A failure at or after this long since the start of the call is the last; delays are cut to fit.",
    ),
    OptionSpec::config(
        "exhausted",
        Some("exhausted"),
        "\"last\"",
        "\"error\"",
        "What is returned when the retries have run out: the last outcome, or `RetriesExceeded`.",
    ),
    OptionSpec::call(
        "delay_with",
        Shape::Function,
        "|outcome| ..",
        "A delay computed from the outcome; `None` uses the configured one.",
    ),
    OptionSpec::call("handle", Shape::Pattern, "Err(Error::Status(503))", HANDLE),
    OptionSpec::call("handle_if", Shape::Function, "is_transient", HANDLE_IF),
    OptionSpec::call("handle_rejected", Shape::Kinds, "Kind::Timeout", HANDLE_REJECTED),
    OptionSpec::call(
        "abort",
        Shape::Pattern,
        "Err(Error::Unauthorized)",
        "Which failures end the retries at once: a pattern over the return type.",
    ),
    OptionSpec::call(
        "abort_if",
        Shape::Function,
        "is_fatal",
        "Which failures end the retries at once: a predicate over `&Return`.",
    ),
    OptionSpec::call(
        "abort_rejected",
        Shape::Kinds,
        "Kind::CircuitOpen",
        "Which rejections by the policies inside end the retries at once.",
    ),
    OptionSpec::call(
        "on_retry_scheduled",
        Shape::Listener,
        "|event| ..",
        "Called when a delay begins, with its length.",
    ),
    OptionSpec::call("on_retry", Shape::Listener, "|event| ..", "Called before each retry."),
    OptionSpec::call(
        "on_abort",
        Shape::Listener,
        "|event| ..",
        "Called when an abort condition ends the retries.",
    ),
    OptionSpec::call(
        "on_retries_exceeded",
        Shape::Listener,
        "|event| ..",
        "Called when the retries have run out.",
    ),
    OptionSpec::call("on_success", Shape::Listener, "|event| ..", ON_SUCCESS),
    OptionSpec::call("on_failure", Shape::Listener, "|event| ..", ON_FAILURE),
];
