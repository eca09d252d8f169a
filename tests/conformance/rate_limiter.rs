//! Replays a rate limiter by itself.

use super::clock;
use super::compare;
use super::error::{Outcome, TraceError};
use super::file::{self, Step, VectorFile};
use super::report::Replay;
use failsafe::config::Pace;
use failsafe::rate_limiter::RateLimiterBuilder;
use failsafe::{Executor, RateLimiter};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A rate limiter as a trace describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimiterConfig {
    kind: String,
    permits: Option<u32>,
    period_ns: Option<u64>,
    interval_ns: Option<u64>,
    #[serde(default)]
    max_wait_ns: u64,
}

impl LimiterConfig {
    /// The builder with these options.
    pub(crate) fn builder(&self) -> Result<RateLimiterBuilder, String> {
        let span = Duration::from_nanos;
        let builder = match (self.kind.as_str(), self.permits, self.period_ns, self.interval_ns) {
            ("smooth", Some(permits), Some(period), None) => {
                RateLimiter::smooth(Pace::new(permits, span(period)))
            }
            ("bursty", Some(permits), Some(period), None) => {
                RateLimiter::bursty(Pace::new(permits, span(period)))
            }
            ("smooth_interval", None, None, Some(interval)) => {
                RateLimiter::smooth(Pace::every(span(interval)))
            }
            (kind, ..) => return Err(format!("unknown kind of rate limiter `{kind}`")),
        };
        Ok(builder.wait(span(self.max_wait_ns)))
    }
}

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
struct Permits {
    permits: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PermitsWithin {
    permits: u32,
    max_wait_ns: i64,
}

impl PermitsWithin {
    /// -1 is without bound.
    fn max_wait(&self) -> Duration {
        u64::try_from(self.max_wait_ns).map_or(Duration::MAX, Duration::from_nanos)
    }
}

/// Replays a file.
pub(crate) fn replay(file: &VectorFile, replay: &mut Replay<'_>) -> Result<(), String> {
    let config: LimiterConfig = file::parse("config", file.config.clone())?;
    let exceeded = Arc::new(AtomicU64::new(0));
    let heard = Arc::clone(&exceeded);
    let builder = config.builder()?.on_rate_limited(move |_| {
        heard.fetch_add(1, Ordering::Relaxed);
    });
    let limiter = clock::at(|| builder.try_build()).map_err(|error| error.to_string())?;
    let guarded = failsafe::with(limiter.clone());
    for (index, step) in file.steps.iter().enumerate() {
        if !replay.begin(index) {
            return Ok(());
        }
        let differs = |why| format!("step {index} ({}): {why}", step.op);
        clock::check(step.at_ns).map_err(differs)?;
        exceeded.store(0, Ordering::Relaxed);
        let seen = operate(&limiter, &guarded, &exceeded, step).map_err(differs)?;
        let Value::Object(seen) = seen else { return Err(differs("no fields".to_owned())) };
        compare::fields(&step.expect, &seen, &[]).map_err(differs)?;
    }
    Ok(())
}

fn nanos(duration: Duration) -> Value {
    u64::try_from(duration.as_nanos()).map_or(Value::Null, Value::from)
}

fn operate(
    limiter: &RateLimiter,
    guarded: &Executor<RateLimiter>,
    exceeded: &AtomicU64,
    step: &Step,
) -> Result<Value, String> {
    Ok(match step.op.as_str() {
        "advance" => {
            clock::advance(step.args::<Advance>()?.dt_ns);
            Value::Object(Map::new())
        }
        "try_acquire" => {
            let Permits { permits } = step.args()?;
            json!({"acquired": clock::at(|| limiter.try_acquire(permits))})
        }
        "reserve" => {
            let Permits { permits } = step.args()?;
            json!({"wait_ns": nanos(clock::at(|| limiter.reserve(permits)))})
        }
        "try_reserve" => {
            let args: PermitsWithin = step.args()?;
            let wait = clock::at(|| limiter.try_reserve(args.permits, args.max_wait()));
            json!({"reserved": wait.is_some(), "wait_ns": wait.map(nanos)})
        }
        "acquire" => {
            let args: PermitsWithin = step.args()?;
            let (began, max_wait) = (clock::now(), args.max_wait());
            let acquired = clock::run(limiter.acquire_within(args.permits, max_wait)).is_ok();
            json!({"acquired": acquired, "waited_ns": clock::now() - began})
        }
        "execute" => {
            let Nothing {} = step.args()?;
            execute(guarded, exceeded)
        }
        unknown => return Err(format!("unknown operation `{unknown}`")),
    })
}

fn execute(guarded: &Executor<RateLimiter>, exceeded: &AtomicU64) -> Value {
    let outcome: Outcome = clock::run(guarded.run(|| async { Ok(clock::now().to_string()) }));
    let mut seen = match outcome {
        Ok(ran_at) => json!({"result": "ok", "ran_at_ns": ran_at.parse::<u64>().ok()}),
        Err(error) if TraceError::matches(&error, "rate_limited") => {
            json!({"result": "rate_limited"})
        }
        Err(error) => json!({"result": error.to_string()}),
    };
    seen["exceeded_events"] = json!(exceeded.load(Ordering::Relaxed));
    seen
}
