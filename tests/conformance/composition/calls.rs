//! Runs the calls of a step, all at once.

use super::CallResult;
use super::log::Shared;
use super::stack::Stack;
use crate::replayer::clock;
use crate::replayer::error::{Outcome, TraceError};
use crate::replayer::retry::before;
use failsafe::testing::VirtualTime;
use failsafe::{Counters, Executor};
use serde::Deserialize;
use serde_json::json;
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    pub(crate) calls: Vec<CallArgs>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallArgs {
    script: Vec<Entry>,
    start_ns: u64,
    pub(crate) cancel_at_ns: Option<u64>,
    #[serde(rename = "cache_key")]
    _cache_key: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    duration_ns: u64,
    value: Option<String>,
    error: Option<String>,
    #[serde(default)]
    ignore_cancel: bool,
}

impl CallArgs {
    /// When it starts, after the start of the step.
    pub(crate) const fn start(&self) -> u64 {
        self.start_ns
    }

    /// Whether its function may run on when it is cancelled.
    pub(crate) fn may_ignore(&self) -> bool {
        self.script.iter().any(|entry| entry.ignore_cancel)
    }
}

/// How a call ended.
pub(crate) struct Ended {
    pub(crate) result: CallResult,
    pub(crate) end: u64,
    pub(crate) invocations: usize,
    pub(crate) counters: Counters,
    /// Whether its function was cancelled and would have run on.
    pub(crate) ignored: bool,
}

thread_local! {
    /// The counters of the call that has just ended.
    static DONE: Cell<Option<Counters>> = const { Cell::new(None) };
}

/// Logs the executor's own events.
pub(crate) fn listened<'a>(guarded: Executor<&'a Stack>, log: &Shared) -> Executor<&'a Stack> {
    let [success, failure, done] = [log.clone(), log.clone(), log.clone()];
    guarded
        .on_success(move |_| success.event("exec_success", json!({})))
        .on_failure(move |_| failure.event("exec_failure", json!({})))
        .on_done(move |event| {
            DONE.set(Some(event.counters()));
            done.event("exec_done", json!({}));
        })
}

/// Runs the calls until all have returned.
pub(crate) fn run(guarded: &Executor<&Stack>, log: &Shared, args: &Args) -> Vec<Ended> {
    log.begin(args.calls.len());
    let calls = args.calls.iter().enumerate().map(|(index, call)| {
        Some(Box::pin(run_one(guarded, log, index, call))
            as Pin<Box<dyn Future<Output = Ended> + '_>>)
    });
    let mut calls: Vec<_> = calls.collect();
    let mut ended: Vec<_> = calls.iter().map(|_| None).collect();
    clock::run(poll_fn(|cx| {
        for (index, slot) in calls.iter_mut().enumerate() {
            let Some(call) = slot else { continue };
            log.lock().current = index;
            if let Poll::Ready(end) = call.as_mut().poll(cx) {
                ended[index] = Some(end);
                *slot = None;
            }
        }
        if calls.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
    }));
    ended.into_iter().flatten().collect()
}

async fn run_one(guarded: &Executor<&Stack>, log: &Shared, index: usize, call: &CallArgs) -> Ended {
    VirtualTime::sleep(Duration::from_nanos(call.start_ns)).await;
    let (begun, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let body = || invocation(log, call, begun.fetch_add(1, Ordering::Relaxed), &ended);
    let cancel = async {
        match call.cancel_at_ns {
            Some(nanos) => {
                let rest = nanos.saturating_sub(call.start_ns);
                VirtualTime::sleep(Duration::from_nanos(rest)).await;
                log.event("caller_cancel", json!({}));
            }
            None => std::future::pending().await,
        }
    };
    let result = before(guarded.run(body), cancel).await;
    let end = log.lock().since_start();
    let (begun, ended) = (begun.into_inner(), ended.into_inner());
    let counters = DONE.take().filter(|_| result.is_some()).unwrap_or_else(|| {
        // Nobody is left to tell of a call that was dropped.
        log.event("exec_failure", json!({}));
        log.event("exec_done", json!({}));
        let log = log.lock();
        counters_of_dropped(log.retries[index], log.hedges[index], ended)
    });
    let ignored = log.lock().ignored.contains(&index);
    Ended { result, end, invocations: begun, counters, ignored }
}

fn counters_of_dropped(retries: u32, hedges: u32, ended: usize) -> Counters {
    let executions = u32::try_from(ended).expect("a trace has few invocations");
    Counters { attempts: retries + hedges + 1, executions, retries, hedges }
}

/// The function of a call: its n-th invocation, from 0.
async fn invocation(log: &Shared, call: &CallArgs, n: usize, ended: &AtomicUsize) -> Outcome {
    let entry = &call.script[n.min(call.script.len() - 1)];
    log.event("attempt_start", json!({"n": n}));
    let mut running = Running { log, n, ended, outcome: None, ignores: entry.ignore_cancel };
    VirtualTime::sleep(Duration::from_nanos(entry.duration_ns)).await;
    match (&entry.value, &entry.error) {
        (Some(value), None) => {
            running.outcome = Some("value");
            Ok(value.clone())
        }
        (None, Some(error)) => {
            running.outcome = Some("error");
            Err(TraceError::Named(error.clone()))
        }
        _ => panic!("an invocation ends in a value or an error"),
    }
}

/// An invocation that runs; dropped before its end, it was cancelled.
struct Running<'a> {
    log: &'a Shared,
    n: usize,
    ended: &'a AtomicUsize,
    outcome: Option<&'static str>,
    ignores: bool,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
        let outcome = self.outcome.unwrap_or("canceled");
        self.log.event("attempt_end", json!({"n": self.n, "outcome": outcome}));
        if self.outcome.is_none() && self.ignores {
            let mut log = self.log.lock();
            let call = log.current;
            log.ignored.insert(call);
        }
    }
}
