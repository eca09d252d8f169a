//! How many permits in how much time: `"100/s"`, `"5/1m"`, `"1 per 10ms"`.

use crate::fault::demand;
use crate::{DurationText, Fault, Value, parse_duration};
use std::fmt;
use std::time::Duration;

/// What is wrong with a text that is no pace.
const FORM: &str = "write permits and a time, such as \"100/s\", \"5/1m\" or \"1 per 10ms\"";

/// So many permits in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    permits: u32,
    period: Duration,
}

impl Pace {
    /// So many permits in so much time.
    ///
    /// # Panics
    ///
    /// When there are no permits, or no time.
    #[must_use]
    #[track_caller]
    pub const fn new(permits: u32, period: Duration) -> Self {
        let pace = Self { permits, period };
        demand(pace.fault());
        pace
    }

    /// One permit in so much time.
    ///
    /// # Panics
    ///
    /// When the time is zero.
    #[must_use]
    #[track_caller]
    pub const fn every(interval: Duration) -> Self {
        Self::new(1, interval)
    }

    /// So many permits in a second.
    ///
    /// # Panics
    ///
    /// When there are none.
    #[must_use]
    #[track_caller]
    pub const fn per_second(permits: u32) -> Self {
        Self::new(permits, Duration::from_secs(1))
    }

    /// The permits in a period.
    pub const fn permits(&self) -> u32 {
        self.permits
    }

    /// The period.
    pub const fn period(&self) -> Duration {
        self.period
    }

    /// The time from one permit to the next, in whole nanoseconds, where they come one by one.
    pub const fn interval(&self) -> Duration {
        let nanos = self.period.as_nanos() / self.permits as u128;
        #[expect(clippy::cast_possible_truncation, reason = "a duration has so many seconds")]
        let (seconds, rest) = ((nanos / 1_000_000_000) as u64, (nanos % 1_000_000_000) as u32);
        Duration::new(seconds, rest)
    }

    /// What is wrong with it.
    pub const fn fault(&self) -> Option<&'static str> {
        if self.permits == 0 {
            return Some("a rate of 0 lets no call through: write 1 permit or more");
        }
        if self.period.is_zero() {
            return Some("a rate needs a time above zero: write one such as \"100/s\"");
        }
        None
    }

    /// What is wrong with it where the permits come one by one.
    pub const fn smooth_fault(&self) -> Option<&'static str> {
        if let Some(fault) = self.fault() {
            return Some(fault);
        }
        if self.interval().is_zero() {
            return Some(
                "this is more than one permit a nanosecond, which no clock can tell apart: write \
                 a lower rate",
            );
        }
        None
    }

    /// Reads what was written.
    pub(crate) fn read(value: &Value) -> Result<Self, Fault> {
        match value {
            Value::Text(text) => Self::parse(text),
            Value::Int(number) => Err(Fault::quoting(format!(
                "`{number}` does not say in how much time: write \"{number}/s\" or \"{number}/1m\""
            ))),
            _ => Err(Fault::quoting(format!("{value} is not a rate: {FORM}"))),
        }
    }

    fn parse(text: &str) -> Result<Self, Fault> {
        let written = text.trim();
        let halves = written.split_once('/').or_else(|| written.split_once(" per "));
        let Some((permits, period)) = halves else {
            return Err(match written.parse::<u32>() {
                Ok(number) => Fault::quoting(format!(
                    "`{number}` does not say in how much time: write \"{number}/s\" or \
                     \"{number}/1m\""
                )),
                Err(_) => Fault::quoting(format!("`{written}` is not a rate: {FORM}")),
            });
        };
        let (permits, period) = (permits.trim(), period.trim());
        let Ok(permits) = permits.replace('_', "").parse::<u32>() else {
            return Err(Fault::quoting(format!(
                "`{permits}` in `{written}` is not a number of permits: {FORM}"
            )));
        };
        if period.chars().all(|c| c.is_ascii_digit() || c == '.') {
            return Err(Fault::quoting(format!(
                "`{written}` has no unit of time: write \"{permits}/{period}s\" or \
                 \"{permits}/{period}m\""
            )));
        }
        // `s` alone is one second.
        let bare = period.starts_with(|c: char| c.is_alphabetic());
        let period = parse_duration(&if bare { format!("1{period}") } else { period.to_owned() })?;
        let pace = Self { permits, period };
        Fault::from_verdict(pace.fault()).map(|()| pace)
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.permits, DurationText(self.period))
    }
}

/// What a builder takes where an attribute takes a rate: a [`Pace`] or its text.
pub trait IntoPace {
    /// The rate.
    ///
    /// # Errors
    ///
    /// When the text is no rate.
    fn into_pace(self) -> Result<Pace, Fault>;
}

impl IntoPace for Pace {
    fn into_pace(self) -> Result<Pace, Fault> {
        Ok(self)
    }
}

impl IntoPace for &str {
    fn into_pace(self) -> Result<Pace, Fault> {
        Pace::parse(self)
    }
}
