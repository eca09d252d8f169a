//! Compares a step of a stack, less what the differences leave out.

use super::calls::{Args, Ended};
use super::hedge;
use super::spec::Spec;
use crate::replayer::compare::{self, METRICS};
use crate::replayer::differences::Handling;
use crate::replayer::file::Step;
use crate::replayer::report::Replay;
use serde_json::{Map, Value, json};

/// What was seen in a step.
#[derive(Default)]
pub(crate) struct Seen {
    /// The fields of `expect`.
    pub(crate) fields: Map<String, Value>,
    /// When each policy judged an outcome: the policy, and the time since the start of the step.
    pub(crate) records: Vec<(u64, u64)>,
    pub(crate) ended: Vec<Ended>,
    /// Whether a retry ran anew in a call after it had come to an end.
    pub(crate) reentered: bool,
    /// Whether a result arrived in a later state of a breaker.
    pub(crate) late: bool,
}

/// How a step ended that did not differ.
pub(crate) enum Verdict {
    Same,
    /// As far as it was compared; the times are others.
    OtherTimes,
    /// The states are others: the file ends here.
    Parted,
}

/// Compares a step in which time passed.
pub(crate) fn advance(
    specs: &[Spec],
    step: &Step,
    seen: Seen,
    replay: &mut Replay<'_>,
) -> Result<Verdict, String> {
    let (mut expect, mut fields) = (step.expect.clone(), seen.fields);
    without_metrics(specs, &mut expect, &mut fields, &[], replay);
    compare::fields(&expect, &fields, &[]).map(|()| Verdict::Same)
}

/// Compares a step of calls.
pub(crate) fn execute(
    specs: &[Spec],
    step: &Step,
    args: &Args,
    seen: Seen,
    replay: &mut Replay<'_>,
) -> Result<Verdict, String> {
    if let Some(quirk) = other_attempts(specs, step, args, &seen, replay) {
        return Ok(parted(specs, quirk, replay));
    }
    if let Some(quirk) = replay.quirk(Handling::UntilAbort) {
        if let Some(end) = last_abort(specs, step) {
            let events = list(&seen.fields, "events");
            let seen = events.get(..=end).unwrap_or(&events);
            compare::lists("events", &list(&step.expect, "events")[..=end], seen)?;
            return Ok(parted(specs, quirk, replay));
        }
    }
    let idle = hedge::idle_since(&step.expect);
    if let (Some(quirk), Some(idle)) = (replay.quirk(Handling::UntilIdle), idle) {
        let until = |fields| {
            let mut events = list(fields, "events");
            events.retain(|event| event["t_ns"].as_u64().is_some_and(|t| t < idle));
            hedge::sort(&mut events);
            events
        };
        compare::lists("events", &until(&step.expect), &until(&seen.fields))?;
        return Ok(parted(specs, quirk, replay));
    }
    let mut expect = step.expect.clone();
    if let Some(quirk) = replay.quirk(Handling::NoDroppedVerdicts) {
        match remove_dropped_verdicts(specs, &mut expect) {
            Dropped::None => {}
            Dropped::Fallback => replay.leave_out(quirk),
            Dropped::Breaker => return Ok(parted(specs, quirk, replay)),
        }
    }
    let end = fields_end(&seen.fields, step);
    let at_end: Vec<_> = seen.records.iter().filter(|(_, t)| *t == end).map(|(p, _)| *p).collect();
    let mut fields = seen.fields;
    without_metrics(specs, &mut expect, &mut fields, &at_end, replay);
    without_done_events(&mut expect, &mut fields, replay);
    let mut left_out = Vec::new();
    let may_ignore = args.calls.iter().any(super::calls::CallArgs::may_ignore);
    let ignored = seen.ended.iter().any(|call| call.ignored);
    if let Some(quirk) = replay.quirk(Handling::NoTimesIfIgnored).filter(|_| may_ignore) {
        replay.leave_out(quirk);
        left_out.push("next_at_ns");
        if ignored {
            without_times(&mut expect);
            without_times(&mut fields);
        }
    }
    if hedge::is_in(specs) {
        for fields in [&mut expect, &mut fields] {
            if let Some(Value::Array(events)) = fields.get_mut("events") {
                hedge::sort(events);
            }
        }
    }
    compare::lists("calls", &list(&expect, "calls"), &list(&fields, "calls"))?;
    compare::lists("events", &list(&expect, "events"), &list(&fields, "events"))?;
    compare::fields(&expect, &fields, &left_out)?;
    Ok(if may_ignore { Verdict::OtherTimes } else { Verdict::Same })
}

fn fields_end(fields: &Map<String, Value>, step: &Step) -> u64 {
    fields["next_at_ns"].as_u64().unwrap_or_default().saturating_sub(step.at_ns)
}

fn list(fields: &Map<String, Value>, name: &str) -> Vec<Value> {
    fields.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// A step that is not compared further: with a breaker in the stack, or a hedge with a quantile, the states have parted
/// by it.
fn parted(specs: &[Spec], quirk: &str, replay: &mut Replay<'_>) -> Verdict {
    let remembers = |spec: &Spec| match spec {
        Spec::Breaker(..) => true,
        Spec::Hedge(spec, _) => spec.quantile.is_some(),
        _ => false,
    };
    if specs.iter().any(remembers) {
        replay.end_within(quirk);
        return Verdict::Parted;
    }
    replay.leave_out_all(quirk);
    Verdict::OtherTimes
}

/// The quirk by which the calls made other attempts than those of failsafe-go, if they did.
fn other_attempts<'a>(
    specs: &[Spec],
    step: &Step,
    args: &Args,
    seen: &Seen,
    replay: &Replay<'a>,
) -> Option<&'a str> {
    let over_retry = hedge::is_over_retry(specs, &list(&step.expect, "events"));
    let reentered = seen.reentered || over_retry;
    if let Some(quirk) = replay.quirk(Handling::NotIfReentered).filter(|_| reentered) {
        return Some(quirk);
    }
    if let Some(quirk) = replay.quirk(Handling::EndIfLate).filter(|_| seen.late) {
        return Some(quirk);
    }
    if let Some(quirk) = replay.quirk(Handling::SurplusPermits) {
        return Some(quirk);
    }
    let limits = specs.iter().enumerate().filter_map(|(policy, spec)| match spec {
        Spec::Retry(spec, ..) if spec.max_duration_ns > 0 => Some((policy, spec.max_duration_ns)),
        _ => None,
    });
    let limits: Vec<_> = limits.collect();
    let retried = limits.iter().any(|limit| retried_at_limit(*limit, step, args));
    if let Some(quirk) = replay.quirk(Handling::UntilLimit).filter(|_| retried) {
        return Some(quirk);
    }
    // A function that runs on delays what follows it, so what has a limit in time may decide otherwise.
    let timeouts = specs.iter().filter(|spec| matches!(spec, Spec::Timeout(_))).count();
    let timed = timeouts > 1 || !limits.is_empty();
    let breaker = specs.iter().any(|spec| matches!(spec, Spec::Breaker(..)));
    let cancelled = args.calls.iter().any(|call| call.cancel_at_ns.is_some());
    let ignored = seen.ended.iter().any(|call| call.ignored);
    replay
        .quirk(Handling::NoTimesIfIgnored)
        .filter(|_| ignored && (timed || breaker || cancelled || args.calls.len() > 1))
}

/// Whether failsafe-go retried though the max duration was over.
fn retried_at_limit((policy, limit): (usize, u64), step: &Step, args: &Args) -> bool {
    list(&step.expect, "events").iter().any(|event| {
        let call = event["call"].as_u64().and_then(|call| usize::try_from(call).ok()).unwrap_or(0);
        let started = args.calls.get(call).map_or(0, super::calls::CallArgs::start);
        let elapsed = event["t_ns"].as_u64().unwrap_or_default().saturating_sub(started);
        let is_scheduled = event["type"] == json!("retry_scheduled");
        is_scheduled && event["policy"] == json!(policy) && elapsed >= limit
    })
}

/// The first abort of a retry that would have had no attempt left, whose abort failsafe-go then hides.
fn last_abort(specs: &[Spec], step: &Step) -> Option<usize> {
    let events = list(&step.expect, "events");
    let is_last = |at: usize| {
        let abort = &events[at];
        let policy = abort["policy"].as_u64().and_then(|policy| usize::try_from(policy).ok())?;
        let Some(Spec::Retry(spec, ..)) = specs.get(policy) else { return None };
        let failures = events[..at].iter().filter(|event| {
            event["type"] == json!("failure")
                && event["policy"] == abort["policy"]
                && event["call"] == abort["call"]
        });
        let retries = i64::try_from(failures.count()).ok()? - 1;
        let max = spec.max_retries.unwrap_or(2);
        let is_late = spec.max_duration_ns > 0 && abort["t_ns"].as_u64()? > spec.max_duration_ns;
        let hidden = (max >= 0 && retries >= max) || is_late;
        (hidden && !spec.return_last_failure).then_some(())
    };
    (0..events.len()).find(|at| events[*at]["type"] == json!("abort") && is_last(*at).is_some())
}

/// Which verdicts failsafe-go's policies gave on a body that was cancelled.
enum Dropped {
    None,
    Fallback,
    Breaker,
}

/// Removes the `failure` that a policy saw because something outside it, a timeout or the caller, cancelled its body.
fn remove_dropped_verdicts(specs: &[Spec], expect: &mut Map<String, Value>) -> Dropped {
    let events = list(expect, "events");
    let mut dropped = Dropped::None;
    let mut kept = Vec::new();
    for event in &events {
        let by = |other: &Value| {
            let outside = match other["type"].as_str() {
                Some("caller_cancel") => true,
                Some("timeout") => other["policy"].as_u64() < event["policy"].as_u64(),
                _ => false,
            };
            outside && other["t_ns"] == event["t_ns"] && other["call"] == event["call"]
        };
        if event["type"] != json!("failure") || !events.iter().any(by) {
            kept.push(event.clone());
            continue;
        }
        let policy = event["policy"].as_u64().and_then(|policy| usize::try_from(policy).ok());
        match policy.and_then(|policy| specs.get(policy)) {
            Some(Spec::Breaker(..)) => return Dropped::Breaker,
            Some(Spec::Fallback(..)) => dropped = Dropped::Fallback,
            _ => kept.push(event.clone()),
        }
    }
    expect.insert("events".to_owned(), Value::Array(kept));
    dropped
}

/// Removes the metrics of breakers that are not compared.
fn without_metrics(
    specs: &[Spec],
    expect: &mut Map<String, Value>,
    seen: &mut Map<String, Value>,
    recorded_at_end: &[u64],
    replay: &mut Replay<'_>,
) {
    let mut hidden = Vec::new();
    for state in list(seen, "policies") {
        let policy = state["policy"].as_u64().unwrap_or_default();
        let is_open = state["state"] == json!("open");
        let spec = usize::try_from(policy).ok().and_then(|policy| specs.get(policy));
        let is_timed = matches!(spec, Some(Spec::Breaker(config, _)) if config.is_timed());
        let open = replay.quirk(Handling::MetricsUnlessOpen).filter(|_| is_open);
        let stale = replay.quirk(Handling::MetricsOnRecords);
        let stale = stale.filter(|_| is_timed && !recorded_at_end.contains(&policy));
        if let Some(quirk) = open.or(stale) {
            replay.leave_out(quirk);
            hidden.push(json!(policy));
        }
    }
    for fields in [expect, seen] {
        let Some(Value::Array(states)) = fields.get_mut("policies") else { continue };
        for state in states.iter_mut().filter(|state| hidden.contains(&state["policy"])) {
            if let Some(state) = state.as_object_mut() {
                state.retain(|field, _| !METRICS.contains(&field.as_str()));
            }
        }
    }
}

/// Makes one event of `exec_success` and `exec_failure` where failsafe-go reports success with an error.
fn without_done_events(
    expect: &mut Map<String, Value>,
    seen: &mut Map<String, Value>,
    replay: &mut Replay<'_>,
) {
    let Some(quirk) = replay.quirk(Handling::DoneEvent) else { return };
    let calls = list(expect, "calls");
    let failed = |event: &Value| {
        let call = event["call"].as_u64().and_then(|call| usize::try_from(call).ok()).unwrap_or(0);
        calls.get(call).is_some_and(|call| call.get("error").is_some())
    };
    let events = list(expect, "events");
    let shown = events.iter().filter(|e| e["type"] == json!("exec_success") && failed(e));
    let shown: Vec<_> = shown.map(|event| event["call"].clone()).collect();
    if shown.is_empty() {
        return;
    }
    replay.leave_out(quirk);
    for fields in [expect, seen] {
        let Some(Value::Array(events)) = fields.get_mut("events") else { continue };
        for event in events.iter_mut().filter(|event| shown.contains(&event["call"])) {
            if event["type"] == json!("exec_success") || event["type"] == json!("exec_failure") {
                event["type"] = json!("exec_success or exec_failure");
            }
        }
    }
}

/// Removes the times, and how an invocation ended that was told to.
fn without_times(fields: &mut Map<String, Value>) {
    for name in ["calls", "events"] {
        let Some(Value::Array(list)) = fields.get_mut(name) else { continue };
        for entry in list.iter_mut().filter_map(Value::as_object_mut) {
            entry.retain(|field, _| !["t_ns", "end_ns", "outcome"].contains(&field.as_str()));
        }
    }
}
