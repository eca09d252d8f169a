//! What the options of a stack are to each other: the arithmetic that the compiler does for attributes.

use super::fault::{Origin, SettingsFault};
use crate::layer::Place;
use failsafe_config::{
    Delay, HedgeConfig, PolicyConfig, PolicySpec, RetryConfig, Runs, TimeoutConfig, timing,
};
use std::time::Duration;

/// A policy with its options in force.
pub(super) struct Judged<'a> {
    pub(super) spec: &'static PolicySpec,
    pub(super) place: &'a Place,
    pub(super) config: Box<dyn PolicyConfig>,
}

impl Judged<'_> {
    fn limit(&self) -> Option<Duration> {
        self.config.as_any().downcast_ref().map(TimeoutConfig::get_limit)
    }
}

/// Finds retries and hedges that can never start and limits that are never reached, because of a timeout
/// further outside, and retries without end. The policies are given outermost first.
pub(super) fn faults(layers: &[Judged<'_>]) -> Vec<SettingsFault> {
    let mut faults = Vec::new();
    for (depth, layer) in layers.iter().enumerate() {
        let limit = layers[..depth].iter().filter_map(Judged::limit).min();
        let message = match limit {
            Some(limit) => unfit(&*layer.config, limit),
            None => spinning(&*layer.config, &layers[depth + 1..]),
        };
        let fault = |message| SettingsFault::new(&Origin::Place(layer.place.clone()), message);
        faults.extend(message.map(fault));
    }
    faults
}

/// Why a retry without end and without a pause, of calls that are refused at once, would never return.
fn spinning(config: &dyn PolicyConfig, inside: &[Judged<'_>]) -> Option<String> {
    let retry: &RetryConfig = config.as_any().downcast_ref()?;
    let pauses = retry.get_delay() != Delay::None || timing::bound_of(config).is_some();
    if pauses || retry.get_max().is_some() {
        return None;
    }
    // Another retry or a hedge in between has a say of its own.
    let mut reached = inside.iter().take_while(|layer| layer.spec.runs == Runs::Once);
    let gate = reached.find(|layer| layer.spec.rejects.is_some_and(|rejection| rejection.lasts))?;
    Some(format!(
        "a call that the `{}` below refuses would be repeated at once and without end: add a `delay` or a \
         `backoff`, or write how many retries there are",
        gate.spec.name
    ))
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
