//! The thresholds of a circuit breaker, and how they are written.

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

impl Failures {
    /// What is wrong with the threshold.
    pub const fn fault(&self) -> Option<&'static str> {
        match *self {
            Self::Count { failures: 0, .. } | Self::Period { failures: 0, .. } => Some(
                "a threshold of 0 failures would keep the circuit breaker open: write 1 or more",
            ),
            Self::Count { failures, of } if failures > of => Some(
                "more failures than calls can never be reached: in \"3/5\" the first number is at \
                 most the second",
            ),
            Self::Count { of, .. } | Self::Rate { of, period: None, .. } if of > MOST_CALLS => {
                Some(
                    "a window of more than 1000000 calls is too large: count within a period instead",
                )
            }
            Self::Rate { of: 0, .. } => Some(
                "a rate of at least 0 calls says nothing: write how many calls must have been made",
            ),
            Self::Period { period, .. } | Self::Rate { period: Some(period), .. }
                if period.as_nanos() < 10 =>
            {
                Some("the period is too short: it is cut into ten slices, so it is at least 10ns")
            }
            _ => None,
        }
    }

    pub(super) fn read(value: &Value) -> Result<Self, Fault> {
        let failures = match value {
            Value::Text(text) => Self::parse(text)?,
            Value::Int(_) => {
                let failures = value.count()?;
                Self::Count { failures, of: failures }
            }
            other => return Err(Self::unreadable(other)),
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
        let unreadable = || Self::unreadable(&Value::Text(text.to_owned()));
        let count = |text: &str| text.trim().parse::<u32>().map_err(|_| unreadable());
        if let Some((rate, of)) = counted.split_once(" of ").filter(|_| counted.contains('%')) {
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

impl Failures {
    fn unreadable(value: &Value) -> Fault {
        Fault::quoting(format!(
            "{value} is not a threshold: write 5 (in a row), \"3/5\" (of the last 5), \
             \"3 in 1m\" (within a minute) or \"20% of 5 in 1m\" (of at least 5 calls)"
        ))
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

    pub(super) fn read(value: &Value) -> Result<Self, Fault> {
        let successes = match value {
            Value::Text(text) => Self::parse(text)?,
            Value::Int(_) => {
                let successes = value.count()?;
                Self { successes, of: successes }
            }
            other => return Err(Self::unreadable(other)),
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
        let unreadable = || Self::unreadable(&Value::Text(text.to_owned()));
        let count = |text: &str| text.trim().parse::<u32>().map_err(|_| unreadable());
        let (successes, of) = text.split_once('/').unwrap_or((text, text));
        Ok(Self { successes: count(successes)?, of: count(of)? })
    }
}

impl Successes {
    fn unreadable(value: &Value) -> Fault {
        Fault::quoting(format!(
            "{value} is not a success threshold: write 2 (in a row) or \"3/5\" (of the last 5)"
        ))
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
