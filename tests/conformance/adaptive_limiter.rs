//! Replays an adaptive limiter by itself.
//!
//! The guards that failsafe-go does not have are off, so that its arithmetic is compared in full.

use super::clock;
use super::compare;
use super::file::{self, Step, VectorFile};
use super::report::Replay;
use failsafe::AdaptiveLimiter;
use failsafe::adaptive_limiter::{Direction, Permit, Reason, Update};
use failsafe::testing::{VirtualTime, with_chance};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MaxLimit {
    mul: f64,
    add: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    min_limit: u32,
    max_limit: u32,
    initial_limit: u32,
    max_limit_factor: f64,
    max_limit_factor_decay: f64,
    min_limit_factor: f64,
    max_limit_func: Option<MaxLimit>,
    stabilization_window_ns: u64,
    recent_min_ns: u64,
    recent_max_ns: u64,
    recent_min_samples: u32,
    recent_quantile: f64,
    baseline_age: u32,
    correlation_window: u32,
    queue_initial_factor: Option<f64>,
    queue_max_factor: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    recent_rtt_ns: f64,
    inflight: u32,
    full: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Acquire {
    id: u64,
    random: f64,
    max_wait_ns: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Id {
    id: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    dt_ns: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Round {
    permits: u32,
    duration_ns: u64,
}

/// The changes of the limit that a listener heard of.
type Changes = Arc<Mutex<Vec<(u32, u32)>>>;

impl Config {
    fn build(&self, changes: &Changes) -> Result<AdaptiveLimiter, String> {
        let span = Duration::from_nanos;
        let heard = Arc::clone(changes);
        let mut builder = AdaptiveLimiter::builder()
            // A least limit of 0 is raised to 1 by failsafe-go.
            .limits((self.min_limit.max(1), self.max_limit))
            .initial(self.initial_limit)
            .max_limit_factor(self.max_limit_factor)
            .stabilization(span(self.stabilization_window_ns))
            .window((span(self.recent_min_ns), span(self.recent_max_ns)))
            .samples(self.recent_min_samples)
            .quantile(self.recent_quantile)
            .baseline(self.baseline_age)
            .correlation(self.correlation_window)
            .baseline_drift("unlimited")
            .shrink_when_idle(true)
            .on_limit_changed(move |event| {
                heard.lock().expect("no listener panics").push((event.from(), event.to()));
            });
        if self.max_limit_factor_decay > 0.0 {
            // A least factor of 0 is none; calls in flight are never bound below themselves here.
            builder = builder
                .max_limit_factor_decay(self.max_limit_factor_decay)
                .min_limit_factor(self.min_limit_factor.max(1.0));
        }
        if let Some(MaxLimit { mul, add }) = self.max_limit_func {
            builder = builder.max_limit_with(move |in_flight| f64::from(in_flight) * mul + add);
        }
        if let Some(queue) = self.queue_initial_factor.zip(self.queue_max_factor) {
            builder = builder.queue(queue);
        }
        clock::at(|| builder.try_build()).map_err(|error| error.to_string())
    }
}

/// Our words for a reason are not failsafe-go's.
fn reason(reason: Reason) -> Result<&'static str, String> {
    Ok(match reason {
        Reason::Queue => "queue",
        Reason::ThroughputFalls => "thrptCorr",
        Reason::LatencyRises => "thrptCorrRtt",
        Reason::ThroughputFlat => "thrptCV",
        Reason::Max => "max",
        Reason::Min => "min",
        other => return Err(format!("failsafe-go has no reason `{other}`")),
    })
}

/// Compares an update with what a trace expects of it.
fn compare_update(
    expected: &Map<String, Value>,
    update: &Update,
    limiter: &AdaptiveLimiter,
) -> Result<(), String> {
    let direction = match update.direction() {
        Direction::Increase => "increase",
        Direction::Decrease => "decrease",
        Direction::Hold => "hold",
    };
    let (baseline, recent) = update.nanos();
    let mut seen = json!({
        "direction": direction,
        "reason": reason(update.reason())?,
        "limit_f": update.limit(),
        "inflight": update.in_flight(),
        "queue_size": update.queue(),
        "baseline_ns": baseline,
        "smoothed_recent_ns": recent,
    });
    if let Some((quantile, shortest, samples, next)) = limiter.sampled() {
        seen["recent_quantile_ns"] = json!(quantile);
        seen["recent_min_ns"] = json!(shortest);
        seen["recent_samples"] = json!(samples);
        seen["next_update_ns"] = json!(next);
    }
    let Value::Object(seen) = seen else { return Err("no fields".to_owned()) };
    compare::fields(expected, &seen, &["rounded", "after"])?;
    let rounded = expected.get("rounded").and_then(Value::as_object);
    let rounded = rounded.ok_or("an update without `rounded`")?;
    for (field, value) in rounded {
        let seen = match field.as_str() {
            "gradient" => update.gradient(),
            "throughput" => update.throughput(),
            "throughput_corr" => update.throughput_correlation(),
            "throughput_cv" => update.throughput_variation(),
            "rtt_corr" => update.latency_correlation(),
            unknown => return Err(format!("unknown field `{unknown}`")),
        };
        let value = value.as_f64().ok_or("not a number")?;
        if (value - seen).abs() > 0.005_001 {
            return Err(format!("{field}: expected {value}, was {seen}"));
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

type Waits<'a> = Pin<Box<dyn Future<Output = Option<Permit<'a>>> + 'a>>;

/// The calls of a trace.
struct Calls<'a> {
    limiter: &'a AdaptiveLimiter,
    waiting: BTreeMap<u64, Waits<'a>>,
    permits: BTreeMap<u64, Permit<'a>>,
    /// By time, then id.
    completed: BTreeMap<(u64, u64), &'static str>,
    updates: u64,
}

impl<'a> Calls<'a> {
    /// Polls all who wait, in order.
    fn poll(&mut self, cx: &mut std::task::Context<'_>) {
        let Self { waiting, permits, completed, .. } = self;
        waiting.retain(|id, waits| {
            let Poll::Ready(permit) = waits.as_mut().poll(cx) else { return true };
            let outcome = if permit.is_some() { "acquired" } else { "rejected" };
            completed.insert((clock::now(), *id), outcome);
            if let Some(permit) = permit {
                permits.insert(*id, permit);
            }
            false
        });
    }

    /// Lets them go on for so long.
    fn pass(&mut self, nanos: u64) {
        clock::run(async {
            let mut sleep = Box::pin(VirtualTime::sleep(Duration::from_nanos(nanos)));
            poll_fn(|cx| {
                self.poll(cx);
                sleep.as_mut().poll(cx)
            })
            .await;
        });
    }

    /// The decision since the last time, if there was one.
    fn update(&mut self) -> Option<Update> {
        let update = self.limiter.metrics().update().copied()?;
        let is_new = update.number() > self.updates;
        self.updates = update.number();
        is_new.then_some(update)
    }

    /// Compares the decision since the last time with the expected one, or that there was none.
    fn compare_update(&mut self, step: &Step) -> Result<(), String> {
        match (step.expect.get("update").and_then(Value::as_object), self.update()) {
            (None, None) => Ok(()),
            (Some(expected), Some(update)) => compare_update(expected, &update, self.limiter),
            (None, Some(update)) => Err(format!("update: expected none, was {update:?}")),
            (Some(_), None) => Err("update: expected one, was none".to_owned()),
        }
    }

    fn take(&mut self, id: u64) -> Result<Permit<'a>, String> {
        self.permits.remove(&id).ok_or_else(|| format!("there is no permit {id}"))
    }

    fn operate(&mut self, step: &Step, seen: &mut Value) -> Result<(), String> {
        let limiter = self.limiter;
        match step.op.as_str() {
            "update" => {
                let Sample { recent_rtt_ns, inflight, full } = step.args()?;
                clock::at(|| limiter.update(recent_rtt_ns, inflight, full));
            }
            "try_acquire" => {
                let Id { id } = step.args()?;
                let permit = clock::at(|| limiter.try_acquire());
                seen["acquired"] = json!(permit.is_some());
                self.permits.extend(permit.map(|permit| (id, permit)));
            }
            "record" => {
                let Id { id } = step.args()?;
                let permit = self.take(id)?;
                clock::at(|| permit.record());
                self.pass(0);
            }
            "drop" => {
                let Id { id } = step.args()?;
                let permit = self.take(id)?;
                clock::at(|| permit.discard());
                self.pass(0);
            }
            "round" => return self.round(step, seen),
            "advance" => self.pass(step.args::<Advance>()?.dt_ns),
            "reset" => {
                let Nothing {} = step.args()?;
                clock::at(|| limiter.reset());
            }
            "acquire" => {
                let Acquire { id, random, max_wait_ns } = step.args()?;
                let wait = max_wait_ns.map_or(Duration::MAX, Duration::from_nanos);
                let waits = async move { limiter.acquire_timeout(wait).await.ok() };
                self.waiting.insert(id, Box::pin(waits));
                let ((), left) = with_chance([random], || self.pass(0));
                seen["draws"] = json!(1 - left);
            }
            "cancel" => {
                let Id { id } = step.args()?;
                if self.waiting.remove(&id).is_some() {
                    self.completed.insert((clock::now(), id), "canceled");
                }
                self.pass(0);
            }
            unknown => return Err(format!("unknown operation `{unknown}`")),
        }
        self.compare_update(step)
    }

    /// Takes permits, lets time pass, and records them one after the other.
    fn round(&mut self, step: &Step, seen: &mut Value) -> Result<(), String> {
        let Round { permits, duration_ns } = step.args()?;
        let limiter = self.limiter;
        let permits: Vec<_> =
            clock::at(|| (0..permits).filter_map(|_| limiter.try_acquire()).collect());
        seen["acquired"] = json!(permits.len());
        clock::advance(duration_ns);
        let none = Vec::new();
        let expected = step.expect.get("updates").and_then(Value::as_array).unwrap_or(&none);
        let mut expected = expected.iter();
        for (index, permit) in permits.into_iter().enumerate() {
            clock::at(|| permit.record());
            let Some(update) = self.update() else { continue };
            let Some(expected) = expected.next().and_then(Value::as_object) else {
                return Err(format!("updates: expected none, was {update:?}"));
            };
            if expected.get("after") != Some(&json!(index + 1)) {
                return Err(format!("updates: expected {expected:?}, was after {}", index + 1));
            }
            compare_update(expected, &update, limiter)?;
        }
        match expected.next() {
            Some(expected) => Err(format!("updates: expected {expected}, was none")),
            None => Ok(()),
        }
    }
}

/// Replays a file.
pub(crate) fn replay(file: &VectorFile, replay: &mut Replay<'_>) -> Result<(), String> {
    let config: Config = file::parse("config", file.config.clone())?;
    let changes = Changes::default();
    let limiter = config.build(&changes)?;
    let mut calls = Calls {
        limiter: &limiter,
        waiting: BTreeMap::new(),
        permits: BTreeMap::new(),
        completed: BTreeMap::new(),
        updates: 0,
    };
    for (index, step) in file.steps.iter().enumerate() {
        if !replay.begin(index) {
            return Ok(());
        }
        let differs = |why| format!("step {index} ({}): {why}", step.op);
        clock::check(step.at_ns).map_err(differs)?;
        let mut seen = json!({});
        calls.operate(step, &mut seen).map_err(differs)?;
        let metrics = limiter.metrics();
        seen["limit"] = json!(metrics.limit());
        seen["limit_f"] = json!(metrics.exact_limit());
        seen["inflight"] = json!(metrics.in_flight());
        seen["max_inflight"] = json!(metrics.max_in_flight());
        seen["queued"] = json!(metrics.queued());
        seen["queue_rejection_rate"] = json!(metrics.rejection_rate());
        let heard = std::mem::take(&mut *changes.lock().map_err(|error| error.to_string())?);
        seen["limit_changed"] = json!(heard);
        let completed = std::mem::take(&mut calls.completed).into_iter();
        let completed: Vec<_> = completed
            .map(|((at, id), outcome)| json!({"at_ns": at, "id": id, "outcome": outcome}))
            .collect();
        seen["completed"] = Value::Array(completed);
        let Value::Object(seen) = seen else { return Err(differs("no fields".to_owned())) };
        // Where a step has no such thing, it is an unknown field.
        let decisions = if step.op == "round" { "updates" } else { "update" };
        compare::fields(&step.expect, &seen, &[decisions]).map_err(differs)?;
    }
    Ok(())
}
