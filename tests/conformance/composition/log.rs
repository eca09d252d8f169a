//! What happened in a step, in causal order, and to which call.

use crate::replayer::clock;
use failsafe::Kind;
use failsafe::events::{Listening, What, listen};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// An event.
struct Entry {
    t: u64,
    call: Option<usize>,
    fields: Map<String, Value>,
}

/// The events of a step.
#[derive(Default)]
pub(crate) struct Log {
    started: u64,
    /// The call that runs: everything happens on one thread.
    pub(crate) current: usize,
    entries: Vec<Entry>,
    /// What the stream of events said, which tells the same as the listeners.
    stream: Vec<&'static str>,
    /// The counters of each call at its latest retry.
    pub(crate) retries: Vec<u32>,
    /// The hedges of each call.
    pub(crate) hedges: Vec<u32>,
    /// Each call whose function ignored that it was cancelled.
    pub(crate) ignored: BTreeSet<usize>,
}

/// The log as listeners and functions share it.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Log>>);

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().expect("no listener panics")
    }

    /// Begins a step of so many calls.
    pub(crate) fn begin(&self, calls: usize) {
        *self.lock() = Log {
            started: clock::now(),
            retries: vec![0; calls],
            hedges: vec![0; calls],
            ..Log::default()
        };
    }

    /// What was logged.
    pub(crate) fn take(&self) -> Log {
        std::mem::take(&mut self.lock())
    }

    /// Something happened to the call that runs.
    pub(crate) fn event(&self, name: &str, fields: Value) {
        let mut log = self.lock();
        let call = Some(log.current);
        log.push(call, name, fields);
    }

    /// Listens to the stream of events as well.
    pub(crate) fn listen(&self) -> Listening {
        let log = self.clone();
        listen(move |event| {
            let name = match event.what {
                What::Rejected(Kind::RateLimited) => "rate_limited",
                What::Rejected(Kind::BulkheadFull) => "bulkhead_full",
                What::Rejected(_) => return,
                what => what.name(),
            };
            log.lock().stream.push(name);
        })
    }

    /// Something happened that belongs to no call.
    pub(crate) fn event_of_none(&self, name: &str, fields: Value) {
        self.lock().push(None, name, fields);
    }
}

impl Log {
    fn push(&mut self, call: Option<usize>, name: &str, fields: Value) {
        let t = self.since_start();
        let Value::Object(mut fields) = fields else { panic!("no fields: {fields}") };
        fields.insert("type".to_owned(), json!(name));
        fields.insert("t_ns".to_owned(), json!(t));
        self.entries.push(Entry { t, call, fields });
    }

    /// The time since the step began.
    pub(crate) fn since_start(&self) -> u64 {
        clock::now() - self.started
    }

    /// With several calls, events of one instant are in the order of the calls.
    pub(crate) fn sort(&mut self, several: bool) {
        if several {
            self.entries.sort_by_key(|entry| (entry.t, entry.call));
        }
    }

    /// The events as a trace lists them.
    pub(crate) fn events(&self, several: bool) -> Value {
        let events = self.entries.iter().map(|entry| {
            let mut fields = entry.fields.clone();
            if let Some(call) = entry.call.filter(|_| several) {
                fields.insert("call".to_owned(), json!(call));
            }
            Value::Object(fields)
        });
        Value::Array(events.collect())
    }

    /// When each policy judged an outcome: the policy, and the time.
    pub(crate) fn records(&self) -> Vec<(u64, u64)> {
        let judged = self.entries.iter().filter(|entry| {
            ["success", "failure"].iter().any(|name| entry.fields["type"] == *name)
        });
        judged.filter_map(|entry| Some((entry.fields.get("policy")?.as_u64()?, entry.t))).collect()
    }

    /// Compares the stream of events with what the listeners heard, before that is sorted. Nobody tells of a call that was
    /// dropped, but the replayer.
    pub(crate) fn compare_stream(&self, dropped: usize) -> Result<(), String> {
        let heard =
            self.entries.iter().filter_map(|entry| match entry.fields["type"].as_str()? {
                "fallback_done" => Some("fallback"),
                "exec_done" => Some("done"),
                name if name.starts_with("exec_") || name.starts_with("attempt_") => None,
                "fallback_start" | "caller_cancel" => None,
                name => Some(name),
            });
        let heard: Vec<_> = heard.collect();
        let of = |names: &[&str], done| {
            names
                .iter()
                .filter(|name| (**name == "done") == done)
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let same = of(&heard, false) == of(&self.stream, false);
        let done = of(&heard, true).len() == of(&self.stream, true).len() + dropped;
        if same && done {
            return Ok(());
        }
        Err(format!("listeners heard {heard:?}, the stream of events said {:?}", self.stream))
    }

    /// Whether a breaker heard of a result in a later state than the call was let through in, and counts in that state. Before
    /// the events are sorted.
    pub(crate) fn has_late_result(&self) -> bool {
        let mut states = BTreeMap::new();
        let mut changed = BTreeSet::new();
        self.entries.iter().any(|entry| {
            let policy = entry.fields.get("policy").and_then(Value::as_u64);
            match (entry.fields["type"].as_str().unwrap_or_default(), policy) {
                // Nothing waits between a breaker and the function, so here it was let through.
                ("attempt_start", _) => changed.retain(|(call, _)| *call != entry.call),
                ("state_changed", Some(policy)) => {
                    states.insert(policy, entry.fields["to"].clone());
                    changed.extend(self.calls().map(|call| (call, policy)));
                }
                ("success" | "failure", Some(policy)) => {
                    let is_open = states.get(&policy).is_some_and(|state| *state == "open");
                    return changed.contains(&(entry.call, policy)) && !is_open;
                }
                _ => {}
            }
            false
        })
    }

    fn calls(&self) -> impl Iterator<Item = Option<usize>> {
        (0..self.retries.len()).map(Some)
    }

    /// Whether a retry ran anew in a call after it had come to an end.
    pub(crate) fn is_reentered(&self) -> bool {
        let mut ended = BTreeSet::new();
        self.entries.iter().any(|entry| {
            let Some(policy) = entry.fields.get("policy").and_then(Value::as_u64) else {
                return false;
            };
            let name = entry.fields["type"].as_str().unwrap_or_default();
            let again =
                ["success", "failure"].contains(&name) && ended.contains(&(entry.call, policy));
            if ["success", "abort", "retries_exceeded"].contains(&name) {
                ended.insert((entry.call, policy));
            }
            again
        })
    }
}
