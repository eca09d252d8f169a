//! Whether what is inside a timeout fits in it: the arithmetic of delays and limits.

use crate::errors::Errors;
use crate::read::Layer;
use failsafe_config::{HedgeConfig, RetryConfig, TimeoutConfig, timing};
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
        if let Some(message) = timing::unreachable_retries(&config, limit) {
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
        let (Some(config), Some(limit)) = (hedge_of(hedge), limit) else { continue };
        if let Some(message) = timing::unreachable_hedges(&config, limit) {
            errors.at(hedge.values.get("delay").copied().unwrap_or(hedge.span), message);
        }
    }
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
        let message = timing::idle_bound(option, bound, limit);
        errors.at(layer.values.get(option).copied().unwrap_or(layer.span), message);
    }
}

/// The option that bounds a time, and the bound, where it is known.
fn bound_of(layer: &Layer) -> Option<(&'static str, Duration)> {
    if layer.is_known() { timing::bound_of(&*layer.config) } else { None }
}

/// The configuration of a hedge, where it is known.
fn hedge_of(layer: &Layer) -> Option<HedgeConfig> {
    let config: &HedgeConfig = layer.config.as_any().downcast_ref()?;
    layer.is_known().then_some(*config)
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
