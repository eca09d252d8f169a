use crate::fault::demand;
use crate::{DurationText, Fault, Rate, Value, parse_duration};
use std::fmt;
use std::time::Duration;

const EXAMPLE: &str = "write how far it may rise in how much time, such as \"10% in 1h\", or \
                       `unlimited`";

/// How far a level may move in how much time: `"10% in 1h"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drift {
    rate: Rate,
    period: Duration,
}

impl Drift {
    pub(super) const DEFAULT: Self =
        Self { rate: Rate::from_billionths(100_000_000), period: Duration::from_secs(3600) };

    /// So large a part of it in so much time.
    ///
    /// # Panics
    ///
    /// When the time is zero.
    #[must_use]
    #[track_caller]
    pub const fn new(rate: Rate, period: Duration) -> Self {
        demand(Self::period_fault(period));
        Self { rate, period }
    }

    /// What is wrong with a time.
    pub const fn period_fault(period: Duration) -> Option<&'static str> {
        if period.is_zero() {
            return Some("a drift in no time is none: write a time such as \"10% in 1h\"");
        }
        None
    }

    /// How far.
    pub const fn rate(self) -> Rate {
        self.rate
    }

    /// In how much time.
    pub const fn period(self) -> Duration {
        self.period
    }

    /// Reads it as it was written; `unlimited` is none.
    ///
    /// # Errors
    ///
    /// Says what cannot be read and what to write instead.
    pub fn read(value: &Value) -> Result<Option<Self>, Fault> {
        let Some(text) = value.text() else {
            return Err(Fault::quoting(format!("{value} is no drift: {EXAMPLE}")));
        };
        if text.trim() == "unlimited" {
            return Ok(None);
        }
        let Some((rate, period)) = text.split_once(" in ") else {
            return Err(Fault::quoting(format!("{value} is no drift: {EXAMPLE}")));
        };
        let (rate, period) = (Rate::parse_percent(rate)?, parse_duration(period)?);
        Fault::from_verdict(Self::period_fault(period))?;
        Ok(Some(Self { rate, period }))
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.rate, DurationText(self.period))
    }
}

/// A drift as a constant expression of Rust.
pub(super) fn constant(drift: Option<Drift>) -> String {
    const TYPES: &str = "::failsafe::config";
    let Some(Drift { rate, period }) = drift else {
        return "::core::option::Option::None".to_owned();
    };
    let (rate, period) = (rate.billionths(), crate::duration::constant(period));
    format!(
        "::core::option::Option::Some({TYPES}::Drift::new({TYPES}::Rate::from_billionths({rate}), \
         {period}))"
    )
}

/// What a builder takes as a drift: `"10% in 1h"`, `"unlimited"`, or the typed form.
pub trait IntoDrift {
    /// The drift; `None` is any.
    ///
    /// # Errors
    ///
    /// When the text is none.
    fn into_drift(self) -> Result<Option<Drift>, Fault>;
}

impl IntoDrift for &str {
    fn into_drift(self) -> Result<Option<Drift>, Fault> {
        Drift::read(&Value::Text(self.to_owned()))
    }
}

impl IntoDrift for Drift {
    fn into_drift(self) -> Result<Option<Drift>, Fault> {
        Ok(Some(self))
    }
}

impl IntoDrift for Option<Drift> {
    fn into_drift(self) -> Result<Option<Drift>, Fault> {
        Ok(self)
    }
}
