//! The arithmetic of delays and limits: whether what is inside a timeout fits in it.

use crate::{
    Delay, DurationText, HedgeConfig, HedgeDelay, Jitter, PolicyConfig, RetryConfig, TimeoutConfig,
};
use std::time::Duration;

/// Says which hedges can never start within the limit of a timeout outside, and why, with the
/// sum.
pub fn unreachable_hedges(config: &HedgeConfig, limit: Duration) -> Option<String> {
    let HedgeDelay::Fixed(delay) = config.get_delay() else { return None };
    let max = config.get_max();
    let late = |hedge: &u32| delay.saturating_mul(*hedge) >= limit;
    // A delay of zero is never late; more than a few hedges are not looked at.
    let first = (1..=max.min(100)).find(late)?;
    let (each, limit) = (DurationText(delay), DurationText(limit));
    if first == 1 {
        return Some(format!(
            "no slow call is ever hedged: a delay of {each} does not fit in the {limit} timeout \
             above; shorten the delay, or put the timeout below the hedge to bound each attempt"
        ));
    }
    Some(format!(
        "{} never start: {first} times {each} of delay do not fit in the {limit} timeout above; \
         write `max = {}`, shorten the delay, or put the timeout below the hedge to bound each \
         attempt",
        which("hedge", "hedges", first, max),
        first - 1,
    ))
}

/// The option that bounds a time, and the bound.
pub fn bound_of(config: &dyn PolicyConfig) -> Option<(&'static str, Duration)> {
    let config = config.as_any();
    if let Some(config) = config.downcast_ref::<TimeoutConfig>() {
        return Some(("limit", config.get_limit()));
    }
    let config: &RetryConfig = config.downcast_ref()?;
    Some(("max_duration", config.get_max_duration()?))
}

/// Says that a limit of time never ends anything, because a shorter timeout outside is always before.
pub fn idle_bound(option: &str, bound: Duration, limit: Duration) -> String {
    let (bound, limit) = (DurationText(bound), DurationText(limit));
    if option == "limit" {
        format!(
            "this timeout never ends a call: the {limit} timeout above does so before the {bound} \
             are over; write less than {limit}, or remove one of the two"
        )
    } else {
        format!(
            "`{option}` never ends the retries: the {limit} timeout above ends the call before \
             the {bound} are over; write less than {limit}, remove it, or put the timeout below \
             the retry to bound each attempt"
        )
    }
}

/// Says which retries can never start within the limit of a timeout outside, and why, with the
/// sum.
pub fn unreachable_retries(config: &RetryConfig, limit: Duration) -> Option<String> {
    /// How many terms of a sum are shown.
    const SHOWN: usize = 4;
    let max = config.get_max()?;
    let mut terms = Vec::new();
    let (mut sum, mut last) = (Duration::ZERO, None);
    for retry in 1..=max {
        let delay = shortest(config, &mut last);
        terms.push(delay);
        sum = sum.saturating_add(delay);
        if sum >= limit {
            let shown = terms.iter().rev().take(SHOWN).rev();
            let shown: Vec<_> = shown.map(|term| DurationText(*term).to_string()).collect();
            let more = if terms.len() > SHOWN { "... + " } else { "" };
            return Some(format!(
                "{} never start: {more}{} of delay do not fit in the {} timeout above; write \
                 `max = {}`, shorten the delays, or put the timeout below the retry to bound each \
                 attempt",
                which("retry", "retries", retry, max),
                shown.join(" + "),
                DurationText(limit),
                retry - 1,
            ));
        }
        if delay.is_zero() || terms.len() > 10_000 {
            return None;
        }
    }
    None
}

/// The first to the last of them, in words.
fn which(one: &str, several: &str, first: u32, last: u32) -> String {
    match last - first {
        0 => format!("{one} {first} can"),
        1 => format!("{several} {first} and {last} can"),
        _ => format!("{several} {first} to {last} can"),
    }
}

/// The shortest the next delay can be.
fn shortest(config: &RetryConfig, last: &mut Option<Duration>) -> Duration {
    let delay = match config.get_delay() {
        Delay::None => Duration::ZERO,
        Delay::Fixed(delay) => delay,
        Delay::Random { min, .. } => min,
        Delay::Backoff { first, max } => {
            let next = last.map_or(first, |last| {
                let scaled = last.as_secs_f64() * config.get_factor();
                Duration::try_from_secs_f64(scaled).unwrap_or(Duration::MAX).min(max)
            });
            *last = Some(next);
            next
        }
    };
    match config.get_jitter() {
        Jitter::None => delay,
        Jitter::Time(jitter) => delay.saturating_sub(jitter),
        Jitter::Factor(factor) => delay.mul_f64(1.0 - factor),
    }
}
