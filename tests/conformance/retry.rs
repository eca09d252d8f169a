//! Replays a retry by itself: each step is one whole execution.

use super::circuit_breaker::delay;
use super::clock;
use super::compare;
use super::differences::Handling;
use super::error::{Outcome, TraceError, last_straw};
use super::file::{self, Step, VectorFile};
use super::report::Replay;
use failsafe::Retry;
use failsafe::events::What;
use failsafe::executor::Policy;
use failsafe::retry::RetryEvent;
use failsafe::testing::{VirtualTime, with_chance};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    delay: String,
    #[serde(default)]
    delay_ns: u64,
    max_delay_ns: Option<u64>,
    factor: Option<f64>,
    delay_min_ns: Option<u64>,
    delay_max_ns: Option<u64>,
    max_retries: i64,
    max_duration_ns: u64,
    jitter_ns: u64,
    jitter_factor: f64,
    delay_func: bool,
    return_last_failure: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    attempts: Vec<Attempt>,
    cancel_at_ns: Option<u64>,
    random: Option<Vec<f64>>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Attempt {
    duration_ns: u64,
    outcome: String,
    delay_fn_ns: Option<i64>,
}

/// One execution as it goes on.
#[derive(Default)]
struct Execution {
    script: Vec<Attempt>,
    started: u64,
    attempts: usize,
    events: Vec<Value>,
    delays: Vec<Value>,
}

type Shared = Arc<Mutex<Execution>>;

fn lock(execution: &Shared) -> std::sync::MutexGuard<'_, Execution> {
    execution.lock().expect("no listener panics")
}

impl Execution {
    /// What the k-th attempt does, from 1; the last entry repeats.
    fn attempt(&self, k: usize) -> Attempt {
        self.script[k.min(self.script.len()) - 1].clone()
    }

    fn hear(&mut self, event: &RetryEvent<'_, Outcome>) {
        let name = event.what().name();
        let (attempts, executions, retries) =
            (event.attempts(), event.executions(), event.retries());
        let t = clock::now() - self.started;
        let mut entry =
            vec![json!(t), json!(name), json!(attempts), json!(executions), json!(retries)];
        if let What::RetryScheduled(delay) = event.what() {
            let delay = json!(super::breaker_view::nanos(delay));
            entry.push(delay.clone());
            self.delays.push(delay);
        }
        self.events.push(Value::Array(entry));
    }
}

/// Replays a file.
pub(crate) fn replay(file: &VectorFile, replay: &mut Replay<'_>) -> Result<(), String> {
    let config: Config = file::parse("config", file.config.clone())?;
    let execution = Shared::default();
    let heard = Arc::clone(&execution);
    let mut builder = options(&config)?.on_event(move |event| lock(&heard).hear(event));
    if config.delay_func {
        let asked = Arc::clone(&execution);
        builder = builder.delay_with(move |_: &Outcome| {
            let execution = lock(&asked);
            delay(execution.attempt(execution.attempts).delay_fn_ns)
        });
    }
    if !config.return_last_failure {
        builder = builder.exhausted_with(last_straw);
    }
    match (builder.try_build(), file.quirk(Handling::EndIfRefused)) {
        (Ok(retry), _) => run(&failsafe::with(retry), &config, &execution, file, replay),
        (Err(_), Some(quirk)) => {
            replay.end(quirk);
            Ok(())
        }
        (Err(error), None) => Err(error.to_string()),
    }
}

fn options(config: &Config) -> Result<failsafe::retry::RetryBuilder, String> {
    let span = Duration::from_nanos;
    let need = |value: Option<u64>, field| value.map(span).ok_or(format!("no `{field}`"));
    let mut builder = match config.delay.as_str() {
        "none" => Retry::builder(),
        "fixed" => Retry::builder().delay(span(config.delay_ns)),
        "backoff" => {
            let max = need(config.max_delay_ns, "max_delay_ns")?;
            Retry::builder()
                .backoff(span(config.delay_ns)..max)
                .factor(config.factor.unwrap_or(2.0))
        }
        "random" => {
            let min = need(config.delay_min_ns, "delay_min_ns")?;
            Retry::builder().random_delay(min..need(config.delay_max_ns, "delay_max_ns")?)
        }
        unknown => return Err(format!("unknown delay `{unknown}`")),
    };
    builder = match u32::try_from(config.max_retries) {
        Ok(max) => builder.max(max),
        Err(_) => builder.unlimited(),
    };
    if config.max_duration_ns > 0 {
        builder = builder.max_duration(span(config.max_duration_ns));
    }
    // Where both are set the time wins in failsafe-go; here there is only one jitter.
    if config.jitter_ns > 0 {
        builder = builder.jitter(span(config.jitter_ns));
    } else if config.jitter_factor > 0.0 {
        builder = builder.jitter_factor(config.jitter_factor);
    }
    Ok(builder)
}

fn run<P: Policy<Outcome>>(
    guarded: &failsafe::Executor<P>,
    config: &Config,
    execution: &Shared,
    file: &VectorFile,
    replay: &mut Replay<'_>,
) -> Result<(), String> {
    for (index, step) in file.steps.iter().enumerate() {
        if !replay.begin(index) {
            return Ok(());
        }
        let differs = |why| format!("step {index} ({}): {why}", step.op);
        if step.op != "run" {
            return Err(differs("unknown operation".to_owned()));
        }
        // Time passes between two runs, which know nothing of each other.
        clock::advance(step.at_ns.saturating_sub(clock::now()));
        clock::check(step.at_ns).map_err(differs)?;
        let (seen, left) = execute(guarded, execution, step.args().map_err(differs)?);
        compare_step(config, step, &seen, left, replay).map_err(differs)?;
    }
    Ok(())
}

/// Runs once; returns what was seen, and how many random values were left.
fn execute<P: Policy<Outcome>>(
    guarded: &failsafe::Executor<P>,
    execution: &Shared,
    args: Run,
) -> (Map<String, Value>, usize) {
    let started = clock::now();
    *lock(execution) = Execution { script: args.attempts, started, ..Execution::default() };
    let call = guarded.run(|| attempt(execution));
    let cancel = async {
        match args.cancel_at_ns {
            Some(nanos) => VirtualTime::sleep(Duration::from_nanos(nanos)).await,
            None => std::future::pending().await,
        }
    };
    let draws = args.random.unwrap_or_default();
    let (result, left) = with_chance(draws, || clock::run(before(call, cancel)));
    let execution = std::mem::take(&mut *lock(execution));
    let mut seen = result_fields(result);
    seen.insert("attempts".to_owned(), json!(execution.attempts));
    seen.insert("elapsed_ns".to_owned(), json!(clock::now() - started));
    seen.insert("delays_ns".to_owned(), json!(execution.delays));
    seen.insert("events".to_owned(), json!(execution.events));
    (seen, left)
}

async fn attempt(execution: &Shared) -> Outcome {
    let (k, attempt) = {
        let mut execution = lock(execution);
        execution.attempts += 1;
        (execution.attempts, execution.attempt(execution.attempts))
    };
    VirtualTime::sleep(Duration::from_nanos(attempt.duration_ns)).await;
    match attempt.outcome.as_str() {
        "success" => Ok(format!("v{k}")),
        "failure" => Err(TraceError::Named(format!("e{k}"))),
        unknown => panic!("unknown outcome `{unknown}`"),
    }
}

/// The call's result, or none if it was cancelled: dropped, that is.
pub(crate) async fn before<F: Future>(
    call: F,
    cancel: impl Future<Output = ()>,
) -> Option<F::Output> {
    let (mut call, mut cancel) = (pin!(call), pin!(cancel));
    poll_fn(|cx| match call.as_mut().poll(cx) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => cancel.as_mut().poll(cx).map(|()| None),
    })
    .await
}

fn result_fields(result: Option<Outcome>) -> Map<String, Value> {
    let fields = match result {
        None => json!({"result": "canceled"}),
        Some(Ok(value)) => json!({"result": "success", "value": value}),
        Some(Err(error)) => match error.json() {
            Value::Object(exceeded) => {
                let last = exceeded.get("last_error");
                json!({"result": "retries_exceeded", "last_error": last})
            }
            name => json!({"result": "failure", "error": name}),
        },
    };
    fields.as_object().cloned().unwrap_or_default()
}

fn compare_step(
    config: &Config,
    step: &Step,
    seen: &Map<String, Value>,
    random_left: usize,
    replay: &mut Replay<'_>,
) -> Result<(), String> {
    let mut expect = step.expect.clone();
    if let Some(Value::Array(bounds)) = expect.remove("bounds_ns") {
        within(&bounds, seen)?;
    }
    if let Some(quirk) = replay.quirk(Handling::UntilLimit) {
        if let Some(end) = retried_at_limit(config, &expect) {
            replay.leave_out(quirk);
            return until(end, &expect, seen);
        }
    }
    if random_left > 0 {
        return Err(format!("random: {random_left} values were not used"));
    }
    let list = |fields: &Map<String, Value>| {
        fields.get("events").and_then(Value::as_array).cloned().unwrap_or_default()
    };
    compare::lists("events", &list(&expect), &list(seen))?;
    compare::fields(&expect, seen, &[])
}

fn within(bounds: &[Value], seen: &Map<String, Value>) -> Result<(), String> {
    let Some(Value::Array(delays)) = seen.get("delays_ns") else { return Ok(()) };
    for (delay, bound) in delays.iter().zip(bounds) {
        let number = |value: &Value| value.as_u64().ok_or_else(|| format!("no number: {value}"));
        let (delay, low, high) = (number(delay)?, number(&bound[0])?, number(&bound[1])?);
        if delay + 1 < low || delay > high + 1 {
            return Err(format!("bounds_ns: {delay} is not from {low} to {high}"));
        }
    }
    Ok(())
}

/// Which event is the first that follows a failure at or after the max duration, if it is not the end.
fn retried_at_limit(config: &Config, expect: &Map<String, Value>) -> Option<usize> {
    let events = expect.get("events")?.as_array()?;
    let is_late = |event: &Value| event[0].as_u64() >= Some(config.max_duration_ns);
    let is_scheduled = |event: &Value| event[1] == json!("retry_scheduled");
    events.iter().position(|event| is_scheduled(event) && is_late(event))
}

/// Compares the events up to that one; there we stop.
fn until(end: usize, expect: &Map<String, Value>, seen: &Map<String, Value>) -> Result<(), String> {
    let of = |fields: &Map<String, Value>| fields["events"].as_array().cloned().unwrap_or_default();
    let (expected, seen) = (of(expect), of(seen));
    let first = seen.get(..end).unwrap_or(&seen);
    compare::lists("events", &expected[..end], first)?;
    match seen.get(end..).unwrap_or_default() {
        [last] if last[1] == json!("retries_exceeded") => Ok(()),
        other => Err(format!("after the failure at the max duration: {other:?}")),
    }
}
