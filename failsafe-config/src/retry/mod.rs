mod table;
mod values;

pub use values::{Delay, Exhausted, Jitter};

pub(crate) use table::{HANDLE, HANDLE_IF, HANDLE_REJECTED, ON_FAILURE, ON_SUCCESS};

use crate::fault::demand;
use crate::spec::{PolicyConfig, policy_config};
use crate::{DurationText, Fault, Value};
use std::time::Duration;
use values::{exhausted, jitter, number, or_unlimited, range};

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
            return Some(
                "the range is inverted: its low end is longer than its high end; swap them",
            );
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
        let (
            Some(limit),
            Delay::Fixed(first) | Delay::Backoff { first, .. } | Delay::Random { min: first, .. },
        ) = (self.max_duration, self.delay)
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

    /// What is wrong with telling a function that was compiled with this configuration another one:
    /// whether it can return a rejection is decided when it is compiled.
    ///
    /// # Errors
    ///
    /// When the other one asks for a rejection that this one does not.
    pub fn replaced_by(&self, other: &Self) -> Result<(), Fault> {
        if self.exhausted == Exhausted::Last && other.exhausted == Exhausted::Error {
            return Err(Fault::known(
                "a function returns `RetriesExceeded` only if it was compiled for it: write \
                 `exhausted = \"error\"` in the attribute; it can be set back to \"last\" here",
            ));
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
            "max" => self.max = Some(value.count().map_err(|fault| or_unlimited(&fault))?),
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
            text.push_str(", within ");
            text.push_str(&DurationText(max).to_string());
        }
        text
    }
}

policy_config!(RetryConfig {
    fn is_timed(&self) -> bool {
        self.max_duration.is_some()
    }

    fn replaced_by(&self, other: &dyn PolicyConfig) -> Result<(), Fault> {
        other.as_any().downcast_ref().map_or(Ok(()), |other| Self::replaced_by(self, other))
    }

    fn rejects(&self) -> bool {
        self.exhausted == Exhausted::Error
    }
});

impl Default for RetryConfig {
    fn default() -> Self {
        Self::new()
    }
}
