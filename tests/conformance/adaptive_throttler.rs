//! Replays an adaptive throttler by itself.
//!
//! failsafe-go brings its window up to date only when an outcome is recorded, so what it shows at other times is what was
//! in the window then. That is replayed by looking at those times too.

use super::clock;
use super::compare;
use super::differences::Handling;
use super::error::{Outcome, TraceError};
use super::file::{self, Step, VectorFile};
use super::report::Replay;
use failsafe::adaptive_throttler::Metrics;
use failsafe::config::{FailureRate, Rate};
use failsafe::testing::with_chance;
use failsafe::{AdaptiveThrottler, Kind};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    failure_rate_threshold: f64,
    min_executions: u32,
    period_ns: u64,
    max_rejection_rate: f64,
    buckets: u32,
    clock_origin_ns: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    dt_ns: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TryAcquire {
    random: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    #[serde(default = "once")]
    times: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Execute {
    outcome: String,
    random: f64,
}

const fn once() -> u32 {
    1
}

/// What an acquire showed.
const DECISION: &[&str] = &["acquired", "draws", "result", "rejection_rate"];

struct Subject {
    throttler: AdaptiveThrottler,
    /// What was in the window when an outcome was recorded last.
    recorded: Metrics,
    /// What share was to be refused when a call asked last; none if failsafe-go decided on a window of before.
    asked: Option<f64>,
}

impl Config {
    fn build(&self) -> Result<AdaptiveThrottler, String> {
        if self.buckets != 20 {
            return Err(format!("{} buckets; there are always 20", self.buckets));
        }
        let rate = Rate::new(self.failure_rate_threshold).map_err(|fault| fault.to_string())?;
        let period = Duration::from_nanos(self.period_ns);
        AdaptiveThrottler::builder()
            .failure_rate(FailureRate { rate, of: self.min_executions, period })
            .max_rejection(self.max_rejection_rate)
            .clock_origin(Duration::from_nanos(self.clock_origin_ns))
            .try_build()
            .map_err(|error| error.to_string())
    }
}

/// Replays a file.
pub(crate) fn replay(file: &VectorFile, replay: &mut Replay<'_>) -> Result<(), String> {
    let config: Config = file::parse("config", file.config.clone())?;
    let throttler = match clock::at(|| config.build()) {
        Ok(throttler) => throttler,
        Err(why) => {
            let refused = file.quirk(Handling::EndIfRefused).ok_or(format!("config: {why}"))?;
            replay.end(refused);
            return Ok(());
        }
    };
    let mut subject = Subject { throttler, recorded: Metrics::default(), asked: Some(0.0) };
    for (index, step) in file.steps.iter().enumerate() {
        if !replay.begin(index) {
            return Ok(());
        }
        let differs = |why| format!("step {index} ({}): {why}", step.op);
        clock::check(step.at_ns).map_err(differs)?;
        let (seen, left_out) = subject.execute(step, replay).map_err(differs)?;
        compare::fields(&step.expect, &seen, left_out).map_err(differs)?;
    }
    Ok(())
}

impl Subject {
    fn execute(
        &mut self,
        step: &Step,
        replay: &mut Replay<'_>,
    ) -> Result<(Map<String, Value>, &'static [&'static str]), String> {
        let mut seen = Map::new();
        let mut left_out: &[&str] = &[];
        match step.op.as_str() {
            "init" => {
                let Nothing {} = step.args()?;
            }
            "advance" => clock::advance(step.args::<Advance>()?.dt_ns),
            "try_acquire" => {
                let TryAcquire { random } = step.args()?;
                if self.asks_stale(replay) {
                    left_out = DECISION;
                } else {
                    let (acquired, left) = with_chance([random], || {
                        clock::at(|| self.throttler.try_acquire().is_some())
                    });
                    seen.insert("acquired".to_owned(), json!(acquired));
                    seen.insert("draws".to_owned(), json!(1 - left));
                }
            }
            "record_success" => self.record(step, false)?,
            "record_failure" => self.record(step, true)?,
            "execute" => {
                let Execute { outcome, random } = step.args()?;
                if self.asks_stale(replay) {
                    left_out = DECISION;
                    self.follow(step)?;
                } else {
                    let (result, draws) = self.call(&outcome, random)?;
                    seen.insert("result".to_owned(), json!(result));
                    seen.insert("draws".to_owned(), json!(draws));
                }
            }
            _ => return Err("unknown operation".to_owned()),
        }
        match self.asked {
            Some(rate) => drop(seen.insert("rejection_rate".to_owned(), json!(rate))),
            None => left_out = DECISION,
        }
        seen.insert("executions".to_owned(), json!(self.recorded.executions()));
        seen.insert("successes".to_owned(), json!(self.recorded.successes()));
        seen.insert("failures".to_owned(), json!(self.recorded.failures()));
        Ok((seen, left_out))
    }

    /// Notes what a call that asks now will face; whether failsafe-go would decide on outcomes that have expired.
    fn asks_stale(&mut self, replay: &mut Replay<'_>) -> bool {
        let stale = clock::at(|| self.throttler.metrics()) != self.recorded;
        let quirk = replay.quirk(Handling::NotIfStale).filter(|_| stale);
        self.asked = match quirk {
            Some(quirk) => {
                replay.leave_out(quirk);
                None
            }
            None => Some(clock::at(|| self.throttler.rejection_rate())),
        };
        quirk.is_some()
    }

    fn record(&mut self, step: &Step, failed: bool) -> Result<(), String> {
        for _ in 0..step.args::<Record>()?.times {
            self.record_one(failed);
        }
        Ok(())
    }

    fn record_one(&mut self, failed: bool) {
        clock::at(|| {
            if failed {
                self.throttler.record_failure();
            } else {
                self.throttler.record_success();
            }
        });
        self.recorded = clock::at(|| self.throttler.metrics());
    }

    /// Does what failsafe-go did, so that the states do not part.
    fn follow(&mut self, step: &Step) -> Result<(), String> {
        match step.expect.get("result").and_then(Value::as_str) {
            Some("rejected") => {}
            Some("success") => self.record_one(false),
            Some("failure") => self.record_one(true),
            other => return Err(format!("unknown result {other:?}")),
        }
        Ok(())
    }

    /// A whole call.
    fn call(&mut self, outcome: &str, random: f64) -> Result<(&'static str, usize), String> {
        let outcome: Outcome = match outcome {
            "success" => Ok("ok".to_owned()),
            "failure" => Err(TraceError::Named("failure".to_owned())),
            other => return Err(format!("unknown outcome {other}")),
        };
        let guarded = failsafe::with(&self.throttler);
        let (flow, left) = with_chance([random], || {
            clock::run(guarded.try_run(|| {
                let outcome = outcome.clone();
                async move { outcome }
            }))
        });
        let result = match flow {
            Ok(Ok(_)) => "success",
            Ok(Err(_)) => "failure",
            Err(rejected) if rejected.kind() == Kind::Throttled => "rejected",
            Err(other) => return Err(format!("rejected as {other}")),
        };
        if result != "rejected" {
            self.recorded = clock::at(|| self.throttler.metrics());
        }
        Ok((result, 1 - left))
    }
}
