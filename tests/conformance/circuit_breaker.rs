//! Replays a circuit breaker by itself.

use super::breaker_view::{self, BreakerConfig, BreakerView, state_name};
use super::clock;
use super::compare;
use super::differences::Handling;
use super::error::{Outcome, TraceError};
use super::file::{self, Step, VectorFile};
use super::freshness::Freshness;
use super::report::Replay;
use failsafe::CircuitBreaker;
use failsafe::circuit_breaker::Hooks;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    dt_ns: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Execute {
    outcome: String,
    delay_fn_ns: Option<i64>,
}

/// What a step needs beside the breaker.
#[derive(Default)]
struct Notes {
    transitions: Vec<Value>,
    /// What the delay function answers.
    delay: Option<i64>,
}

type Shared = Arc<Mutex<Notes>>;

fn lock(notes: &Shared) -> std::sync::MutexGuard<'_, Notes> {
    notes.lock().expect("no listener panics")
}

/// Replays a file.
pub(crate) fn replay(file: &VectorFile, replay: &mut Replay<'_>) -> Result<(), String> {
    let config: BreakerConfig = file::parse("config", file.config.clone())?;
    let notes = Shared::default();
    let heard = Arc::clone(&notes);
    let builder = config.builder()?.on_state_changed(move |change| {
        let mut transition = breaker_view::metrics(&change.metrics());
        transition.insert("from".to_owned(), json!(state_name(change.from())));
        transition.insert("to".to_owned(), json!(state_name(change.to())));
        lock(&heard).transitions.push(Value::Object(transition));
    });
    if config.delay_func {
        let asked = Arc::clone(&notes);
        let builder = builder.delay_with::<Outcome, _>(move |_| delay(lock(&asked).delay));
        let breaker = clock::at(|| builder.try_build()).map_err(|error| error.to_string())?;
        run(&breaker, &config, &notes, file, replay)
    } else {
        let breaker = clock::at(|| builder.try_build()).map_err(|error| error.to_string())?;
        run(&breaker, &config, &notes, file, replay)
    }
}

/// What a delay function answers: -1 is no opinion, anything else below zero no delay.
pub(crate) fn delay(answer: Option<i64>) -> Option<Duration> {
    match answer {
        None | Some(-1) => None,
        Some(nanos) => Some(Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))),
    }
}

fn run<H>(
    breaker: &CircuitBreaker<H>,
    config: &BreakerConfig,
    notes: &Shared,
    file: &VectorFile,
    replay: &mut Replay<'_>,
) -> Result<(), String>
where
    H: Hooks<Outcome> + Clone + Send + Sync,
{
    let mut freshness = Freshness::new(config);
    for (index, step) in file.steps.iter().enumerate() {
        if !replay.begin(index) {
            return Ok(());
        }
        let before = state_name(breaker.state());
        let differs = |why| format!("step {index} ({}): {why}", step.op);
        clock::check(step.at_ns).map_err(differs)?;
        let result = operate(breaker, config, notes, step).map_err(differs)?;
        let mut seen = clock::at(|| breaker.fields());
        seen.extend(result.map(|result| ("result".to_owned(), result)));
        let transitions = std::mem::take(&mut lock(notes).transitions);
        seen.insert("transitions".to_owned(), Value::Array(transitions));
        if !compare_step(before, step, seen, &mut freshness, replay).map_err(differs)? {
            return Ok(());
        }
    }
    Ok(())
}

fn operate<H>(
    breaker: &CircuitBreaker<H>,
    config: &BreakerConfig,
    notes: &Shared,
    step: &Step,
) -> Result<Option<Value>, String>
where
    H: Hooks<Outcome> + Clone + Send + Sync,
{
    match step.op.as_str() {
        "advance" => clock::advance(step.args::<Advance>()?.dt_ns),
        "execute" => return execute(breaker, config, notes, &step.args()?).map(Some),
        other => {
            let Nothing {} = step.args()?;
            return clock::at(|| by_hand(breaker, other));
        }
    }
    Ok(None)
}

fn by_hand<H>(breaker: &CircuitBreaker<H>, op: &str) -> Result<Option<Value>, String> {
    match op {
        "init" => {}
        "try_acquire" => {
            let permit = breaker.try_acquire();
            let granted = permit.is_some();
            // What is recorded later in the trace has nothing to do with this permit.
            std::mem::forget(permit);
            return Ok(Some(json!(granted)));
        }
        "record_success" => breaker.record_success(),
        "record_failure" => breaker.record_failure(),
        "open" => breaker.open(),
        "close" => breaker.close(),
        "half_open" => breaker.half_open(),
        unknown => return Err(format!("unknown operation `{unknown}`")),
    }
    Ok(None)
}

fn execute<H>(
    breaker: &CircuitBreaker<H>,
    config: &BreakerConfig,
    notes: &Shared,
    args: &Execute,
) -> Result<Value, String>
where
    H: Hooks<Outcome> + Clone + Send + Sync,
{
    if args.delay_fn_ns.is_some() && !config.delay_func {
        return Err("delay_fn_ns without a delay function".to_owned());
    }
    let outcome = match args.outcome.as_str() {
        "success" => Ok("v".to_owned()),
        "failure" => Err(TraceError::Named("e".to_owned())),
        unknown => return Err(format!("unknown outcome `{unknown}`")),
    };
    lock(notes).delay = args.delay_fn_ns;
    let guarded = failsafe::with(breaker.clone());
    let result = clock::run(guarded.run(|| async { outcome.clone() }));
    Ok(match result {
        Ok(_) => json!("success"),
        Err(TraceError::Named(_)) => json!("failure"),
        Err(error) if error.matches("circuit_open") => json!("open"),
        Err(error) => json!(error.to_string()),
    })
}

/// Compares a step; returns whether the states are still the same.
fn compare_step(
    before: &str,
    step: &Step,
    mut seen: Map<String, Value>,
    freshness: &mut Freshness,
    replay: &mut Replay<'_>,
) -> Result<bool, String> {
    let mut left_out = Vec::new();
    if let Some(quirk) = replay.quirk(Handling::SurplusPermits).filter(|_| is_surplus(step, &seen))
    {
        if step.op == "execute" {
            replay.end_within(quirk);
            return Ok(false);
        }
        replay.leave_out(quirk);
        left_out.push("result");
    }
    let recorded = step.op.starts_with("record_")
        || (step.op == "execute" && seen.get("result") != Some(&json!("open")));
    // An open breaker that lets an execution through is half-open by the time its result is recorded.
    let before = if step.op == "execute" && before == "open" { "half_open" } else { before };
    let mut expect = step.expect.clone();
    freshness.apply((before, clock::now(), recorded), &mut expect, &mut seen, replay);
    compare::fields(&expect, &seen, &left_out).map(|()| true)
}

/// Whether failsafe-go granted a permit that we do not have.
fn is_surplus(step: &Step, seen: &Map<String, Value>) -> bool {
    let is_half_open = seen.get("state") == Some(&json!("half_open"));
    let (expected, seen) = (step.expect.get("result"), seen.get("result"));
    let refused = seen == Some(&json!(false)) || seen == Some(&json!("open"));
    is_half_open && refused && expected != seen
}
