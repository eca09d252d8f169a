use crate::{Fault, nearest};
use std::fmt;
use std::time::Duration;

const UNITS: [(&str, u64); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Words people write for a unit, and the unit they mean.
const LONG_UNITS: [(&str, &str); 16] = [
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("hour", "h"),
    ("hours", "h"),
    ("hr", "h"),
    ("day", "d"),
    ("days", "d"),
    ("msec", "ms"),
    ("millis", "ms"),
    ("micros", "us"),
];

/// Reads a duration: one or more numbers, each with a unit, such as `250ms`, `1.5s` or `1m30s`.
///
/// # Errors
///
/// Names the part that could not be read and what to write instead.
pub fn parse_duration(text: &str) -> Result<Duration, Fault> {
    let written = text.trim();
    if written.is_empty() {
        return Err(Fault::known(
            "the duration is empty: write one such as \"250ms\" or \"1m30s\"",
        ));
    }
    if written.contains("..") {
        return Err(Fault::quoting(format!(
            "`{written}` is a range, and this is one duration: write one such as \"250ms\""
        )));
    }
    if written.starts_with('-') {
        return Err(Fault::quoting(format!(
            "`{written}` is negative: write a duration of 0 or more, such as \"250ms\""
        )));
    }
    let mut rest = written;
    let mut nanos: u128 = 0;
    while !rest.is_empty() {
        let (part, after) = part(rest, written)?;
        nanos = nanos.saturating_add(part);
        rest = after.trim_start();
    }
    let seconds = u64::try_from(nanos / 1_000_000_000)
        .map_err(|_| Fault::quoting(format!("`{written}` is longer than any duration can be")))?;
    let fraction = u32::try_from(nanos % 1_000_000_000).unwrap_or_default();
    Ok(Duration::new(seconds, fraction))
}

/// One number with its unit, in nanoseconds, and what follows it.
fn part<'a>(text: &'a str, whole: &str) -> Result<(u128, &'a str), Fault> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'));
    let (number, rest) = text.split_at(end.unwrap_or(text.len()));
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Fault::quoting(format!(
            "`{whole}` is not a duration: write a number with a unit, such as \"250ms\" or \"1m30s\""
        )));
    }
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(end);
    let factor = factor(unit, number, whole)?;
    let digits = number.replace('_', "");
    let (integer, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    if fraction.contains('.') {
        return Err(Fault::quoting(format!(
            "`{number}` is not a number: write one with at most one point, such as \"1.5s\""
        )));
    }
    let too_large = || Fault::quoting(format!("`{whole}` is longer than any duration can be"));
    let integer: u128 = integer.parse().map_err(|_| too_large())?;
    let mut nanos = integer.checked_mul(u128::from(factor)).ok_or_else(too_large)?;
    let mut scale = u128::from(factor);
    for digit in fraction.bytes() {
        scale /= 10;
        nanos += u128::from(digit - b'0') * scale;
    }
    Ok((nanos, rest))
}

fn factor(unit: &str, number: &str, whole: &str) -> Result<u64, Fault> {
    if let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) {
        return Ok(*factor);
    }
    if unit.is_empty() {
        return Err(Fault::quoting(format!(
            "`{whole}` has no unit: write \"{number}ms\", \"{number}s\" or \"{number}m\""
        )));
    }
    let meant = LONG_UNITS.iter().find(|(long, _)| long.eq_ignore_ascii_case(unit));
    let lower = unit.to_ascii_lowercase();
    let meant = meant
        .map(|(_, short)| *short)
        .or_else(|| UNITS.iter().map(|(name, _)| *name).find(|name| *name == lower))
        .or_else(|| {
            let near = nearest(unit, LONG_UNITS.iter().map(|(long, _)| *long))?;
            LONG_UNITS.iter().find(|(long, _)| *long == near).map(|(_, short)| *short)
        });
    let hint = meant.map_or_else(String::new, |unit| format!("; did you mean \"{number}{unit}\"?"));
    Err(Fault::quoting(format!(
        "unknown unit `{unit}` in the duration `{whole}` (units: ns, us, ms, s, m, h, d){hint}"
    )))
}

/// Shows a duration the way it is written in an attribute: `1m30s`, `250ms`.
#[derive(Debug, Clone, Copy)]
pub struct DurationText(pub Duration);

impl fmt::Display for DurationText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut nanos = self.0.as_nanos();
        if nanos == 0 {
            return f.write_str("0s");
        }
        for (unit, factor) in UNITS.iter().rev() {
            let factor = u128::from(*factor);
            let count = nanos / factor;
            if count > 0 {
                write!(f, "{count}{unit}")?;
                nanos %= factor;
            }
        }
        Ok(())
    }
}

/// What a builder takes where an attribute takes a duration: a [`Duration`] or its text.
pub trait IntoDuration {
    /// The duration.
    ///
    /// # Errors
    ///
    /// When the text is no duration.
    fn into_duration(self) -> Result<Duration, Fault>;
}

impl IntoDuration for Duration {
    fn into_duration(self) -> Result<Duration, Fault> {
        Ok(self)
    }
}

impl IntoDuration for &str {
    fn into_duration(self) -> Result<Duration, Fault> {
        parse_duration(self)
    }
}

/// A duration as a constant expression of Rust, as short as it can be.
pub(crate) fn constant(duration: Duration) -> String {
    const PATH: &str = "::core::time::Duration";
    let nanos = duration.as_nanos();
    if duration == Duration::MAX {
        format!("{PATH}::MAX")
    } else if nanos % 1_000_000_000 == 0 {
        format!("{PATH}::from_secs({})", duration.as_secs())
    } else if nanos % 1_000_000 == 0 && u64::try_from(nanos / 1_000_000).is_ok() {
        format!("{PATH}::from_millis({})", nanos / 1_000_000)
    } else {
        format!("{PATH}::new({}, {})", duration.as_secs(), duration.subsec_nanos())
    }
}

/// A duration as two numbers, for comparing declarations; none is all ones.
pub(crate) fn fingerprint(
    name: &'static str,
    duration: Option<Duration>,
) -> (&'static str, u64, u64) {
    duration.map_or((name, u64::from(u32::MAX), u64::from(u32::MAX)), |duration| {
        (name, duration.as_secs(), duration.subsec_nanos().into())
    })
}
