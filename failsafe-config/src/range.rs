use crate::{DurationText, Fault, IntoDuration, parse_duration};
use std::ops::{Range, RangeInclusive};
use std::time::Duration;

/// Reads a range of durations such as `1s..10s` (`1s..=10s` means the same).
///
/// # Errors
///
/// Names the end that could not be read, or says that the ends are the wrong way round.
pub fn parse_range(text: &str) -> Result<(Duration, Duration), Fault> {
    let Some((low, high)) = text.split_once("..") else {
        return Err(Fault::quoting(format!(
            "`{text}` is not a range: write the two ends, such as \"1s..10s\""
        )));
    };
    let (low_text, high_text) = (low.trim(), high.trim_start_matches('=').trim());
    if low_text.is_empty() || high_text.is_empty() {
        return Err(Fault::quoting(format!(
            "`{text}` has one end only: write both, such as \"1s..10s\""
        )));
    }
    let (low, high) = (parse_duration(low_text)?, parse_duration(high_text)?);
    if high < low {
        return Err(Fault::quoting(format!(
            "the range is inverted: {} is longer than {}; write \"{high_text}..{low_text}\"",
            DurationText(low),
            DurationText(high),
        )));
    }
    Ok((low, high))
}

/// What a builder takes where an attribute takes a range of durations.
pub trait IntoDurationRange {
    /// Both ends.
    ///
    /// # Errors
    ///
    /// When the text is no range, or its ends are the wrong way round.
    fn into_range(self) -> Result<(Duration, Duration), Fault>;
}

impl IntoDurationRange for &str {
    fn into_range(self) -> Result<(Duration, Duration), Fault> {
        parse_range(self)
    }
}

impl<T: IntoDuration> IntoDurationRange for Range<T> {
    fn into_range(self) -> Result<(Duration, Duration), Fault> {
        Ok((self.start.into_duration()?, self.end.into_duration()?))
    }
}

impl<T: IntoDuration + Clone> IntoDurationRange for RangeInclusive<T> {
    fn into_range(self) -> Result<(Duration, Duration), Fault> {
        (self.start().clone()..self.end().clone()).into_range()
    }
}

impl<T: IntoDuration> IntoDurationRange for (T, T) {
    fn into_range(self) -> Result<(Duration, Duration), Fault> {
        (self.0..self.1).into_range()
    }
}
