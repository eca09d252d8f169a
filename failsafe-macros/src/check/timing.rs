//! Whether what is inside a timeout fits in it: the arithmetic of delays and limits.

use crate::errors::Errors;
use crate::read::Layer;
use failsafe_config::{
    Delay, DurationText, HedgeConfig, HedgeDelay, Jitter, RetryConfig, TimeoutConfig,
};
use std::time::Duration;

/// Finds retries and hedges whose delays alone are longer than a timeout outside them, and limits that
/// the timeout is always before.
pub(super) fn check(layers: &[Layer], errors: &mut Errors) {
    hedges(layers, errors);
    bounds(layers, errors);
    for (depth, retry) in layers.iter().enumerate() {
        let Some(config) = retry_of(retry) else { continue };
        let limits = layers[..depth].iter().filter_map(limit_of);
        let Some(limit) = limits.min() else { continue };
        if let Some(message) = unreachable_retries(&config, limit) {
            let place = ["backoff", "delay", "random_delay"]
                .iter()
                .find_map(|option| retry.values.get(option).copied());
            errors.at(place.unwrap_or(retry.span), message);
        }
    }
}

/// Finds hedges that are due when the timeout outside them is over.
fn hedges(layers: &[Layer], errors: &mut Errors) {
    for (depth, hedge) in layers.iter().enumerate() {
        let limit = layers[..depth].iter().filter_map(limit_of).min();
        let (Some((delay, max)), Some(limit)) = (delay_of(hedge), limit) else { continue };
        if let Some(message) = unreachable_hedges(delay, max, limit) {
            errors.at(hedge.values.get("delay").copied().unwrap_or(hedge.span), message);
        }
    }
}

/// Says which hedges can never start within the limit, and why, with the sum.
fn unreachable_hedges(delay: Duration, max: u32, limit: Duration) -> Option<String> {
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

/// Finds limits of time that are longer than the timeout outside them, so that it always is first.
/// Two that are equal may both be meant: the inner one ends the call for the policies in between. What
/// is written once for many functions may be longer than what one of them allows, and a `wait` has no
/// other word for "as long as it takes".
fn bounds(layers: &[Layer], errors: &mut Errors) {
    for (depth, layer) in layers.iter().enumerate().filter(|(_, layer)| layer.is_own) {
        let limit = layers[..depth].iter().filter_map(limit_of).min();
        let (Some((option, bound)), Some(limit)) = (bound_of(layer), limit) else { continue };
        if bound <= limit {
            continue;
        }
        let (bound, limit) = (DurationText(bound), DurationText(limit));
        let message = if option == "limit" {
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
        };
        errors.at(layer.values.get(option).copied().unwrap_or(layer.span), message);
    }
}

/// The option that bounds a time, and the bound, where it is known.
fn bound_of(layer: &Layer) -> Option<(&'static str, Duration)> {
    if !layer.is_known() {
        return None;
    }
    let config = layer.config.as_any();
    if let Some(config) = config.downcast_ref::<TimeoutConfig>() {
        return Some(("limit", config.get_limit()));
    }
    let config: &RetryConfig = config.downcast_ref()?;
    Some(("max_duration", config.get_max_duration()?))
}

/// The fixed delay of a hedge and the most hedges, where they are known.
fn delay_of(layer: &Layer) -> Option<(Duration, u32)> {
    let config: &HedgeConfig = layer.config.as_any().downcast_ref()?;
    match config.get_delay() {
        HedgeDelay::Fixed(delay) if layer.is_known() => Some((delay, config.get_max())),
        _ => None,
    }
}

/// The configuration of a retry, where all that matters here is known.
fn retry_of(layer: &Layer) -> Option<RetryConfig> {
    let config: &RetryConfig = layer.config.as_any().downcast_ref()?;
    (layer.is_known() && layer.code("delay_with").is_none()).then_some(*config)
}

fn limit_of(layer: &Layer) -> Option<Duration> {
    let config: &TimeoutConfig = layer.config.as_any().downcast_ref()?;
    layer.is_known().then(|| config.get_limit())
}

/// Says which retries can never start within the limit, and why, with the sum.
fn unreachable_retries(config: &RetryConfig, limit: Duration) -> Option<String> {
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
