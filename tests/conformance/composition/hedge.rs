//! A hedge in a stack, and what a trace shows of it.

use super::log::Shared;
use super::spec::{HedgeSpec, Spec};
use super::stack::{Layer, Listed, twice};
use crate::replayer::error::Outcome;
use failsafe::Hedge;
use failsafe::events::What;
use failsafe::executor::Policy;
use failsafe::hedge::{HedgeBuilder, HedgeEvent, Metrics};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// What a hedge knows of durations.
pub(crate) type View = Box<dyn Fn() -> Metrics + Send + Sync>;

/// Builds a hedge; one of no hedges does nothing, and the builder refuses it.
pub(crate) fn build(
    spec: &HedgeSpec,
    cancel: &Listed,
    policy: usize,
    log: &Shared,
) -> Result<(Box<dyn Layer>, Option<View>), String> {
    if spec.max_hedges == 0 {
        return Ok((Box::new(()), None));
    }
    let [hedged, refused] = [log.clone(), log.clone()];
    let mut builder = delayed(spec)?
        .max(spec.max_hedges)
        .on_hedge(move |event| heard(event, policy, &hedged))
        .on_budget_exceeded(move |event| heard(event, policy, &refused));
    if let Some(budget) = spec.budget {
        builder = builder.budget(budget.build()?);
    }
    match twice(cancel) {
        None => built(builder.first(), spec),
        Some([test, rejection]) => {
            let builder = builder.cancel_if(move |outcome: &Outcome| test.outcome(outcome));
            let ends = move |rejected: &_| rejection.rejection(rejected);
            built(builder.cancel_rejection_if(ends), spec)
        }
    }
}

fn delayed(spec: &HedgeSpec) -> Result<HedgeBuilder, String> {
    let time = |nanos: i64| u64::try_from(nanos).ok().map(Duration::from_nanos);
    Ok(match (spec.delay_ns, &spec.delays_ns, spec.quantile) {
        (Some(delay), None, None) => Hedge::builder(time(delay).ok_or("a negative delay")?),
        (None, Some(delays), None) => {
            let delays: Vec<_> = delays.iter().copied().map(time).collect();
            Hedge::delay_with(move |hedges| {
                let place = usize::try_from(hedges).expect("there are few hedges");
                delays[place.min(delays.len() - 1)]
            })
        }
        (None, None, Some(quantile)) => {
            let age = spec.quantile_age.ok_or("no age")?;
            Hedge::quantile(quantile)
                .age(age)
                .threshold(spec.execution_threshold.ok_or("no threshold")?)
        }
        _ => return Err("a hedge has one kind of delay".to_owned()),
    })
}

fn built<H: Clone + Send + Sync + 'static>(
    builder: HedgeBuilder<H>,
    spec: &HedgeSpec,
) -> Result<(Box<dyn Layer>, Option<View>), String>
where
    Hedge<H>: Policy<Outcome>,
{
    let hedge = builder.try_build().map_err(|error| error.to_string())?;
    let view = spec.quantile.map(|_| {
        let hedge = hedge.clone();
        Box::new(move || hedge.metrics()) as View
    });
    Ok((Box::new(hedge), view))
}

fn heard(event: &HedgeEvent<'_>, policy: usize, log: &Shared) {
    let mut fields = json!({"policy": policy});
    if event.what() == What::Hedge {
        fields["attempts"] = json!(event.attempts());
        fields["hedges"] = json!(event.hedges());
        let mut log = log.lock();
        let call = log.current;
        log.hedges[call] = event.hedges();
    }
    log.event(event.what().name(), fields);
}

/// The state of a hedge as a trace lists it.
pub(crate) fn fields(policy: usize, metrics: Metrics) -> Value {
    json!({
        "policy": policy,
        "quantile_count": metrics.samples(),
        "quantile_ns": metrics.quantile_nanos(),
    })
}

/// Events of one instant have no order in a stack with a hedge.
pub(crate) fn sort(events: &mut [Value]) {
    events.sort_by_cached_key(|event| (event["t_ns"].as_u64(), event.to_string()));
}

pub(crate) fn is_in(specs: &[Spec]) -> bool {
    specs.iter().any(|spec| matches!(spec, Spec::Hedge(..)))
}

/// Whether a retry ran in several attempts of a hedge outside it.
pub(crate) fn is_over_retry(specs: &[Spec], expect: &[Value]) -> bool {
    let hedge = specs.iter().position(|spec| matches!(spec, Spec::Hedge(..)));
    let retry = specs.iter().rposition(|spec| matches!(spec, Spec::Retry(..)));
    let hedged = expect.iter().any(|event| event["type"] == json!("hedge"));
    hedged && hedge.zip(retry).is_some_and(|(hedge, retry)| hedge < retry)
}

/// The time at which every attempt that had started had ended, and yet failsafe-go waited before it started a hedge.
pub(crate) fn idle_since(expect: &Map<String, Value>) -> Option<u64> {
    let events = expect.get("events")?.as_array()?;
    let time = |event: &Value| event["t_ns"].as_u64();
    let of = |kind: &'static str| events.iter().filter(move |event| event["type"] == json!(kind));
    let calls: std::collections::BTreeSet<_> = events.iter().map(|e| e["call"].as_u64()).collect();
    let idle = calls.into_iter().filter_map(|call| {
        let mine = |event: &&Value| event["call"].as_u64() == call;
        let hedges = of("hedge").filter(mine).filter_map(time);
        hedges.into_iter().find_map(|hedge| {
            let before = |event: &&Value| time(event).is_some_and(|t| t < hedge);
            let began = of("attempt_start").filter(mine).filter(before).count();
            let ended = of("attempt_end").filter(mine).filter(before);
            let last = ended.clone().filter_map(time).max();
            last.filter(|_| ended.count() == began)
        })
    });
    idle.min()
}
