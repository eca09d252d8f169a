//! What the options of a retry can be, and how they are written.

use super::RetryConfig;
use crate::{Fault, Rate, Value, parse_duration, parse_range};
use std::time::Duration;

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

pub(super) fn or_unlimited(fault: &Fault) -> Fault {
    Fault::quoting(format!("{fault}; for no limit write `max = unlimited`"))
}

pub(super) fn range(value: &Value) -> Result<(Duration, Duration), Fault> {
    match value {
        Value::Text(text) => parse_range(text),
        other => Err(Fault::quoting(format!(
            "expected a range of durations such as \"1s..10s\", found {other}"
        ))),
    }
}

pub(super) fn number(value: &Value, expected: &str) -> Result<f64, Fault> {
    match value {
        Value::Float(number) => Ok(*number),
        #[expect(clippy::cast_precision_loss, reason = "a factor that large has no use")]
        Value::Int(number) => Ok(*number as f64),
        other => Err(Fault::quoting(format!(
            "expected {expected}, found {other}{}",
            other.unquoted_number()
        ))),
    }
}

pub(super) fn jitter(value: &Value) -> Result<Jitter, Fault> {
    if let Value::Text(text) = value {
        if let Ok(share) = Rate::parse_percent(text) {
            let billionths = share.billionths();
            let (whole, rest) = (billionths / 1_000_000_000, billionths % 1_000_000_000);
            let digits = format!("{rest:09}");
            let digits = format!("{}{}", &digits[..1], digits[1..].trim_end_matches('0'));
            return Err(Fault::quoting(format!(
                "a share of the delay is written as a number: `jitter = {whole}.{digits}`"
            )));
        }
        return Ok(Jitter::Time(parse_duration(text)?));
    }
    let factor = number(value, "a duration such as \"50ms\" or a share such as 0.2")?;
    Fault::from_verdict(RetryConfig::jitter_factor_fault(factor))?;
    Ok(Jitter::Factor(factor))
}

pub(super) fn exhausted(value: &Value) -> Result<Exhausted, Fault> {
    match value.text() {
        Some("last") => Ok(Exhausted::Last),
        Some("error") => Ok(Exhausted::Error),
        _ => Err(Fault::quoting(format!(
            "expected \"last\" (return the last outcome) or \"error\" (return `RetriesExceeded`), \
             found {value}"
        ))),
    }
}
