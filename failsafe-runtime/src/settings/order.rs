//! What the options of a stack are to each other: the arithmetic that the compiler does for attributes.

use super::fault::{Origin, SettingsFault};
use crate::layer::Place;
use failsafe_config::{HedgeConfig, PolicyConfig, RetryConfig, TimeoutConfig, timing};
use std::time::Duration;

/// Finds retries and hedges that can never start and limits that are never reached, because of a timeout
/// further outside. The policies are given outermost first.
pub(super) fn faults<'a>(
    layers: impl Iterator<Item = (&'a Place, &'a dyn PolicyConfig)>,
) -> Vec<SettingsFault> {
    let mut faults = Vec::new();
    let mut limit: Option<Duration> = None;
    for (place, config) in layers {
        if let Some(message) = limit.and_then(|limit| unfit(config, limit)) {
            faults.push(SettingsFault::new(&Origin::Place(place.clone()), message));
        }
        if let Some(timeout) = config.as_any().downcast_ref::<TimeoutConfig>() {
            let own = timeout.get_limit();
            limit = Some(limit.map_or(own, |limit| limit.min(own)));
        }
    }
    faults
}

/// Why a policy does not fit inside a limit.
fn unfit(config: &dyn PolicyConfig, limit: Duration) -> Option<String> {
    let any = config.as_any();
    let retries = any.downcast_ref::<RetryConfig>();
    let hedges = any.downcast_ref::<HedgeConfig>();
    let unreachable = retries.and_then(|retry| timing::unreachable_retries(retry, limit));
    let unreachable =
        unreachable.or_else(|| hedges.and_then(|hedge| timing::unreachable_hedges(hedge, limit)));
    unreachable.or_else(|| {
        let (option, bound) = timing::bound_of(config)?;
        (bound > limit).then(|| timing::idle_bound(option, bound, limit))
    })
}
