//! Replays stacks of policies, with several calls at once.

mod calls;
mod hedge;
mod log;
mod spec;
mod stack;
mod verdict;

use super::clock;
use super::differences::Handling;
use super::error::{Outcome, TraceError};
use super::file::{self, Step, VectorFile};
use super::report::Replay;
use calls::{Args, Ended};
use failsafe::Executor;
use log::Shared;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use spec::Spec;
use stack::Stack;
use verdict::{Seen, Verdict};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    policies: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    dt_ns: u64,
}

/// A stack of policies in use.
struct Replayed<'a> {
    specs: &'a [Spec],
    stack: &'a Stack,
    guarded: &'a Executor<&'a Stack>,
    log: &'a Shared,
}

/// Replays a file.
pub(crate) fn replay(file: &VectorFile, replay: &mut Replay<'_>) -> Result<(), String> {
    let config: Config = file::parse("config", file.config.clone())?;
    let missing = config.policies.iter().find_map(spec::missing);
    if let Some(missing) = missing {
        replay.skip_file(format!("a stack with {missing}: the policy does not exist yet"));
        return Ok(());
    }
    let specs = config.policies.into_iter().map(spec::read).collect::<Result<Vec<_>, _>>()?;
    let log = Shared::default();
    let stack = match (clock::at(|| Stack::build(&specs, &log)), file.quirk(Handling::EndIfRefused))
    {
        (Ok(stack), _) => stack,
        (Err(_), Some(quirk)) => {
            replay.end(quirk);
            return Ok(());
        }
        (Err(why), None) => return Err(why),
    };
    let _listening = log.listen();
    let guarded = calls::listened(failsafe::with(&stack), &log);
    let replayed = Replayed { specs: &specs, stack: &stack, guarded: &guarded, log: &log };
    run(&replayed, file, replay)
}

fn run(replayed: &Replayed<'_>, file: &VectorFile, replay: &mut Replay<'_>) -> Result<(), String> {
    let mut in_step = true;
    for (index, step) in file.steps.iter().enumerate() {
        if !replay.begin(index) {
            return Ok(());
        }
        let differs = |why| format!("step {index} ({}): {why}", step.op);
        in_step = start(step, in_step).map_err(differs)?;
        let verdict = match step.op.as_str() {
            "advance" => {
                clock::advance(step.args::<Advance>().map_err(differs)?.dt_ns);
                let fields = Map::from_iter([("policies".to_owned(), replayed.states())]);
                let seen = Seen { fields, ..Seen::default() };
                verdict::advance(replayed.specs, step, seen, replay)
            }
            "execute" => execute(replayed, step, replay),
            unknown => Err(format!("unknown operation `{unknown}`")),
        };
        match verdict.map_err(differs)? {
            Verdict::Same => {}
            Verdict::OtherTimes => in_step = false,
            Verdict::Parted => return Ok(()),
        }
    }
    Ok(())
}

/// Brings the clock to the time of the step, after a step whose times were not comparable; returns whether it could.
fn start(step: &Step, in_step: bool) -> Result<bool, String> {
    let now = clock::now();
    match step.at_ns.checked_sub(now) {
        Some(0) => Ok(true),
        Some(behind) if !in_step => {
            clock::advance(behind);
            Ok(true)
        }
        _ if !in_step => Ok(false),
        _ => Err(format!("at_ns: expected {}, was {now}", step.at_ns)),
    }
}

impl Replayed<'_> {
    /// The states of the breakers and of the hedges with a quantile.
    fn states(&self) -> Value {
        let breakers = self.stack.breakers.iter().map(|(policy, breaker)| {
            let mut fields = clock::at(|| breaker.fields());
            fields.insert("policy".to_owned(), json!(policy));
            Value::Object(fields)
        });
        let quantiles = self.stack.quantiles.iter();
        let hedges = quantiles.map(|(policy, view)| hedge::fields(*policy, view()));
        let mut states: Vec<_> = breakers.chain(hedges).collect();
        states.sort_by_key(|state| state["policy"].as_u64());
        Value::Array(states)
    }
}

fn execute(
    replayed: &Replayed<'_>,
    step: &Step,
    replay: &mut Replay<'_>,
) -> Result<Verdict, String> {
    let args: Args = step.args()?;
    let started = clock::now();
    let ended = calls::run(replayed.guarded, replayed.log, &args);
    let mut log = replayed.log.take();
    let late = log.has_late_result();
    log.compare_stream(ended.iter().filter(|call| call.result.is_none()).count())?;
    log.sort(args.calls.len() > 1);
    let mut fields = Map::new();
    let calls = ended.iter().map(call_fields).collect();
    fields.insert("calls".to_owned(), Value::Array(calls));
    fields.insert("events".to_owned(), log.events(args.calls.len() > 1));
    fields.insert("next_at_ns".to_owned(), json!(clock::now() - started + step.at_ns));
    fields.insert("policies".to_owned(), replayed.states());
    let (records, reentered) = (log.records(), log.is_reentered());
    let seen = Seen { fields, records, ended, reentered, late };
    verdict::execute(replayed.specs, step, &args, seen, replay)
}

fn call_fields(call: &Ended) -> Value {
    let counters = call.counters;
    let mut fields = json!({
        "end_ns": call.end, "invocations": call.invocations, "attempts": counters.attempts,
        "executions": counters.executions, "retries": counters.retries, "hedges": counters.hedges,
    });
    let (field, value) = match &call.result {
        None => ("error", json!("canceled")),
        Some(Ok(value)) => ("value", json!(value)),
        Some(Err(error)) => ("error", TraceError::json(error)),
    };
    fields[field] = value;
    fields
}

/// How a call ended, if it was not cancelled.
type CallResult = Option<Outcome>;
