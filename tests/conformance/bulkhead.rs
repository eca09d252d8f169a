//! Replays a bulkhead by itself.

use super::clock;
use super::compare;
use super::file::{self, VectorFile};
use super::report::Replay;
use failsafe::Bulkhead;
use failsafe::bulkhead::Permit;
use failsafe::testing::VirtualTime;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    max_concurrency: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Acquire {
    id: u64,
    max_wait_ns: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancel {
    id: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    dt_ns: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

type Waits<'a> = Pin<Box<dyn Future<Output = Option<Permit<'a>>> + 'a>>;

/// The calls of a trace.
#[derive(Default)]
struct Calls<'a> {
    waiting: BTreeMap<u64, Waits<'a>>,
    permits: Vec<Permit<'a>>,
    /// By time, then id.
    completed: BTreeMap<(u64, u64), &'static str>,
}

impl Calls<'_> {
    /// Polls all who wait, in order.
    fn poll(&mut self, cx: &mut std::task::Context<'_>) {
        let Self { waiting, permits, completed } = self;
        waiting.retain(|id, waits| {
            let Poll::Ready(permit) = waits.as_mut().poll(cx) else { return true };
            let outcome = if permit.is_some() { "acquired" } else { "full" };
            permits.extend(permit);
            completed.insert((clock::now(), *id), outcome);
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
}

/// Replays a file.
pub(crate) fn replay(file: &VectorFile, replay: &mut Replay<'_>) -> Result<(), String> {
    let config: Config = file::parse("config", file.config.clone())?;
    let bulkhead = Bulkhead::builder(config.max_concurrency).try_build();
    let bulkhead = bulkhead.map_err(|error| error.to_string())?;
    let mut calls = Calls::default();
    for (index, step) in file.steps.iter().enumerate() {
        if !replay.begin(index) {
            return Ok(());
        }
        let differs = |why| format!("step {index} ({}): {why}", step.op);
        clock::check(step.at_ns).map_err(differs)?;
        let mut seen = json!({});
        match step.op.as_str() {
            "try_acquire" => {
                let Nothing {} = step.args().map_err(differs)?;
                let permit = bulkhead.try_acquire();
                seen["acquired"] = json!(permit.is_some());
                calls.permits.extend(permit);
            }
            "acquire" => {
                let Acquire { id, max_wait_ns } = step.args().map_err(differs)?;
                let wait = max_wait_ns.map_or(Duration::MAX, Duration::from_nanos);
                let bulkhead = &bulkhead;
                let waits = async move { bulkhead.acquire_timeout(wait).await.ok() };
                calls.waiting.insert(id, Box::pin(waits));
                calls.pass(0);
            }
            "cancel" => {
                let Cancel { id } = step.args().map_err(differs)?;
                if calls.waiting.remove(&id).is_some() {
                    calls.completed.insert((clock::now(), id), "canceled");
                }
                calls.pass(0);
            }
            "release" => {
                let Nothing {} = step.args().map_err(differs)?;
                drop(calls.permits.pop());
                calls.pass(0);
            }
            "advance" => calls.pass(step.args::<Advance>().map_err(differs)?.dt_ns),
            unknown => return Err(differs(format!("unknown operation `{unknown}`"))),
        }
        seen["in_use"] = json!(bulkhead.in_flight());
        seen["waiting"] = json!(bulkhead.waiting());
        let completed = std::mem::take(&mut calls.completed).into_iter();
        let completed: Vec<_> = completed
            .map(|((at, id), outcome)| json!({"at_ns": at, "id": id, "outcome": outcome}))
            .collect();
        if !completed.is_empty() {
            seen["completed"] = Value::Array(completed);
        }
        let Value::Object(seen) = seen else { return Err(differs("no fields".to_owned())) };
        compare::fields(&step.expect, &seen, &[]).map_err(differs)?;
    }
    Ok(())
}
