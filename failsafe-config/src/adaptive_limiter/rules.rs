//! What single values can be, and how they are written.

use super::AdaptiveLimiterConfig;
use crate::{Fault, Value, parse_range};
use std::time::Duration;

impl AdaptiveLimiterConfig {
    /// What is wrong with bounds of the limit.
    pub const fn limits_fault(limits: (u32, u32)) -> Option<&'static str> {
        if limits.0 == 0 {
            return Some(
                "a limit of 0 lets no call through, and is never left again: begin at 1 or more",
            );
        }
        if limits.1 < limits.0 {
            return Some("the limits are inverted: write the least first, such as \"1..200\"");
        }
        None
    }

    /// What is wrong with a limit to begin with.
    pub const fn initial_fault(initial: u32) -> Option<&'static str> {
        if initial == 0 {
            return Some("a limit of 0 lets no call through: write 1 or more");
        }
        None
    }

    /// What is wrong with a factor from calls in flight to a limit.
    pub const fn factor_fault(factor: f64) -> Option<&'static str> {
        if factor >= 1.0 && factor.is_finite() {
            return None;
        }
        Some(
            "a factor from calls in flight to the limit is 1 or more: below 1 the calls in flight \
             would already be too many",
        )
    }

    /// What is wrong with a decay.
    pub const fn decay_fault(decay: f64) -> Option<&'static str> {
        if decay >= 0.0 && decay.is_finite() {
            return None;
        }
        Some("a decay is 0 or more: 1 takes 1 off the factor for each power of ten in flight")
    }

    /// What is wrong with a sampling window.
    pub const fn window_fault(window: (Duration, Duration)) -> Option<&'static str> {
        if window.1.as_nanos() < window.0.as_nanos() {
            return Some("the window is inverted: write the shortest first, such as \"1s..30s\"");
        }
        None
    }

    /// What is wrong with a number of samples.
    pub const fn samples_fault(samples: u32) -> Option<&'static str> {
        if samples == 0 {
            return Some("a window without a sample says nothing: write 1 or more");
        }
        None
    }

    /// What is wrong with a quantile.
    pub const fn quantile_fault(quantile: f64) -> Option<&'static str> {
        if quantile > 0.0 && quantile < 1.0 {
            return None;
        }
        Some(
            "a quantile is above 0 and below 1: 0.9 is the latency that nine of ten calls stay \
             within",
        )
    }

    /// What is wrong with an age of the baseline.
    pub const fn baseline_fault(windows: u32) -> Option<&'static str> {
        if windows == 0 {
            return Some("a baseline over no window is none: write 1 or more, such as 10");
        }
        None
    }

    /// What is wrong with a number of windows to correlate.
    pub const fn correlation_fault(windows: u32) -> Option<&'static str> {
        if windows < 2 {
            return Some("it takes two windows to correlate anything: write 2 or more, such as 50");
        }
        if windows > 100_000 {
            return Some("it keeps every window: write 100000 or fewer, such as 50");
        }
        None
    }

    /// What is wrong with a queue.
    pub const fn queue_fault(queue: (f64, f64)) -> Option<&'static str> {
        if !(queue.0 >= 1.0 && queue.1 >= 1.0 && queue.0.is_finite() && queue.1.is_finite()) {
            return Some(
                "the lengths of the queue are given in limits, and are 1 or more: \"2..3\" refuses \
                 the first calls when twice the limit waits, and all when three times does",
            );
        }
        if queue.1 < queue.0 {
            return Some("the queue is inverted: write the shorter length first, such as \"2..3\"");
        }
        None
    }
}

/// Both ends of a range, as they were written.
fn ends<'a>(text: &'a str, example: &str) -> Result<(&'a str, &'a str), Fault> {
    let Some((low, high)) = text.split_once("..") else {
        return Err(Fault::quoting(format!(
            "`{text}` is not a range: write the two ends, such as \"{example}\""
        )));
    };
    let (low, high) = (low.trim(), high.trim_start_matches('=').trim());
    if low.is_empty() || high.is_empty() {
        return Err(Fault::quoting(format!(
            "`{text}` has one end only: write both, such as \"{example}\""
        )));
    }
    Ok((low, high))
}

fn no_range(value: &Value, what: &str, example: &str) -> Fault {
    Fault::quoting(format!("expected a range of {what} such as \"{example}\", found {value}"))
}

/// A range of whole numbers.
pub(super) fn count_range(value: &Value) -> Result<(u32, u32), Fault> {
    let Value::Text(text) = value else {
        return Err(no_range(value, "calls", "1..200"));
    };
    let count = |end: &str| {
        end.replace('_', "").parse().map_err(|_| {
            Fault::quoting(format!("`{end}` is not a number of calls: write \"1..200\""))
        })
    };
    let (low, high) = ends(text, "1..200")?;
    Ok((count(low)?, count(high)?))
}

/// A range of factors.
pub(super) fn factor_range(value: &Value) -> Result<(f64, f64), Fault> {
    let Value::Text(text) = value else {
        return Err(no_range(value, "factors", "2..3"));
    };
    let factor = |end: &str| {
        end.parse().map_err(|_| Fault::quoting(format!("`{end}` is not a factor: write \"2..3\"")))
    };
    let (low, high) = ends(text, "2..3")?;
    Ok((factor(low)?, factor(high)?))
}

/// A range of durations.
pub(super) fn duration_range(value: &Value) -> Result<(Duration, Duration), Fault> {
    match value {
        Value::Text(text) => parse_range(text),
        other => Err(no_range(other, "durations", "1s..30s")),
    }
}

/// A number that may have a fraction.
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

/// A whole number of something that people write as a duration.
pub(super) fn whole(value: &Value, of: &str) -> Result<u32, Fault> {
    match value {
        Value::Text(text) if crate::parse_duration(text).is_ok() => Err(Fault::quoting(format!(
            "this is a number of {of}, not a duration: write one such as 10, found {value}"
        ))),
        _ => value.count(),
    }
}

/// How long to wait: `unlimited` is without end.
pub(super) fn wait(value: &Value) -> Result<Duration, Fault> {
    match value.text() {
        Some("unlimited") => Ok(Duration::MAX),
        _ => value.duration(),
    }
}

/// What a builder takes where an attribute takes `"1..200"`.
pub trait IntoLimits {
    /// The least and the greatest limit.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    fn into_limits(self) -> Result<(u32, u32), Fault>;
}

impl IntoLimits for &str {
    fn into_limits(self) -> Result<(u32, u32), Fault> {
        count_range(&Value::Text(self.to_owned()))
    }
}

impl IntoLimits for (u32, u32) {
    fn into_limits(self) -> Result<(u32, u32), Fault> {
        Ok(self)
    }
}

impl IntoLimits for std::ops::RangeInclusive<u32> {
    fn into_limits(self) -> Result<(u32, u32), Fault> {
        Ok(self.into_inner())
    }
}

/// What a builder takes where an attribute takes `"2..3"`.
pub trait IntoFactors {
    /// Both factors.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    fn into_factors(self) -> Result<(f64, f64), Fault>;
}

impl IntoFactors for &str {
    fn into_factors(self) -> Result<(f64, f64), Fault> {
        factor_range(&Value::Text(self.to_owned()))
    }
}

impl IntoFactors for (f64, f64) {
    fn into_factors(self) -> Result<(f64, f64), Fault> {
        Ok(self)
    }
}
