//! Whether a retry or a hedge fits in the timeout around it: the arithmetic of delays.

use crate::errors::Errors;
use crate::read::Layer;
use failsafe_config::{
    Delay, DurationText, HedgeConfig, HedgeDelay, Jitter, RetryConfig, TimeoutConfig,
};
use std::time::Duration;

/// Finds retries and hedges whose delays alone are longer than a timeout outside them.
pub(super) fn check(layers: &[Layer], errors: &mut Errors) {
    hedges(layers, errors);
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
        if let (Some(delay), Some(limit)) = (delay_of(hedge), limit) {
            if delay >= limit {
                let place = hedge.values.get("delay").copied().unwrap_or(hedge.span);
                let (delay, limit) = (DurationText(delay), DurationText(limit));
                errors.at(
                    place,
                    format!(
                        "no slow call is ever hedged: a delay of {delay} does not fit in the \
                         {limit} timeout above; shorten the delay, or put the timeout below the \
                         hedge to bound each attempt"
                    ),
                );
            }
        }
    }
}

/// The fixed delay of a hedge, where it is known.
fn delay_of(layer: &Layer) -> Option<Duration> {
    let config: &HedgeConfig = layer.config.as_any().downcast_ref()?;
    match config.get_delay() {
        HedgeDelay::Fixed(delay) if layer.instance.is_none() => Some(delay),
        _ => None,
    }
}

/// The configuration of a retry, where all that matters here is known.
fn retry_of(layer: &Layer) -> Option<RetryConfig> {
    let known = layer.constants.is_empty()
        && layer.instance.is_none()
        && !layer.is_reference()
        && layer.code("delay_with").is_none();
    if layer.spec.name != "retry" || !known {
        return None;
    }
    layer.config.as_any().downcast_ref().copied()
}

fn limit_of(layer: &Layer) -> Option<Duration> {
    let config: &TimeoutConfig = layer.config.as_any().downcast_ref()?;
    let known = layer.constants.is_empty() && layer.instance.is_none() && !layer.is_reference();
    known.then(|| config.get_limit())
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
            let which = match max - retry {
                0 => format!("retry {retry} can"),
                1 => format!("retries {retry} and {max} can"),
                _ => format!("retries {retry} to {max} can"),
            };
            return Some(format!(
                "{which} never start: {more}{} of delay do not fit in the {} timeout above; write \
                 `max = {}`, shorten the delays, or put the timeout below the retry to bound each \
                 attempt",
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
