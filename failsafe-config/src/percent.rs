use crate::{Fault, Value};
use std::fmt;

const WHOLE: u64 = 1_000_000_000;

/// A share from 0 to 1, kept in billionths so that comparing it with counts is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(u64);

impl Rate {
    /// A share given as a number from 0 to 1, rounded to the nearest billionth.
    ///
    /// # Errors
    ///
    /// When it is not from 0 to 1.
    pub fn new(share: f64) -> Result<Self, Fault> {
        if !(0.0..=1.0).contains(&share) {
            return Err(Fault::quoting(format!("`{share}` is not a share: write 0 to 1")));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "the share was just found to be from 0 to 1"
        )]
        Ok(Self((share * WHOLE as f64).round() as u64))
    }

    /// A share given in billionths; more than a billion is the whole.
    pub const fn from_billionths(billionths: u64) -> Self {
        Self(if billionths > WHOLE { WHOLE } else { billionths })
    }

    /// A share as it is written for an option: `0.2` or `"20%"`.
    ///
    /// # Errors
    ///
    /// What the option's rule says of the number, or what to write instead.
    pub(crate) fn read(
        value: &Value,
        judge: fn(f64) -> Option<&'static str>,
    ) -> Result<Self, Fault> {
        let of = |share: f64| {
            Fault::from_verdict(judge(share))?;
            Self::new(share)
        };
        match value {
            Value::Float(share) => of(*share),
            #[expect(clippy::cast_precision_loss, reason = "only 0 and 1 are shares")]
            Value::Int(share @ 0..=1) => of(*share as f64),
            Value::Int(percent @ 2..=100) => Err(Fault::quoting(format!(
                "`{percent}` is no share: write \"{percent}%\" or a number from 0 to 1"
            ))),
            Value::Text(text) if text.trim().ends_with('%') => Self::parse_percent(text),
            other => Err(Fault::quoting(format!(
                "expected a share such as \"20%\" or 0.2, found {other}{}",
                other.unquoted_number()
            ))),
        }
    }

    /// The share as a number from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a billion is exact")]
    pub fn share(self) -> f64 {
        self.0 as f64 / WHOLE as f64
    }

    /// The share in billionths.
    pub const fn billionths(self) -> u64 {
        self.0
    }

    /// What is left of the whole.
    #[must_use]
    pub const fn rest(self) -> Self {
        Self(WHOLE - self.0)
    }

    /// Whether `part` of `whole` is at least this share.
    pub const fn is_reached_by(self, part: u64, whole: u64) -> bool {
        part as u128 * WHOLE as u128 >= self.0 as u128 * whole as u128
    }

    /// Whether `part` of `whole` is more than this share.
    pub const fn is_exceeded_by(self, part: u64, whole: u64) -> bool {
        part as u128 * WHOLE as u128 > self.0 as u128 * whole as u128
    }

    /// Reads a percentage such as `20%` or `0.5%`.
    ///
    /// # Errors
    ///
    /// When it is no percentage, or not from 0% to 100%.
    pub fn parse_percent(text: &str) -> Result<Self, Fault> {
        let wrong = || Fault::quoting(format!("`{text}` is not a percentage such as `20%`"));
        let number = text.trim().strip_suffix('%').ok_or_else(wrong)?;
        let percent: f64 = number.trim().parse().map_err(|_| wrong())?;
        if !(0.0..=100.0).contains(&percent) {
            return Err(Fault::quoting(format!(
                "`{}` is not a share of the calls: write 0% to 100%",
                text.trim()
            )));
        }
        Self::new(percent / 100.0)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (percent, fraction) = (self.0 / 10_000_000, self.0 % 10_000_000);
        if fraction == 0 {
            return write!(f, "{percent}%");
        }
        let fraction = format!("{fraction:07}");
        write!(f, "{percent}.{}%", fraction.trim_end_matches('0'))
    }
}
