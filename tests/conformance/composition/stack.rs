//! A stack of policies that is put together at run time.

use super::hedge;
use super::log::Shared;
use super::spec::{BulkheadSpec, FallbackSpec, RetrySpec, Spec};
use crate::replayer::breaker_view::{BreakerConfig, BreakerView, nanos, state_name};
use crate::replayer::conditions::Conditions;
use crate::replayer::error::{Outcome, TraceError, last_straw};
use crate::replayer::rate_limiter::LimiterConfig;
use failsafe::events::What;
use failsafe::executor::{Body, Call, Policy};
use failsafe::testing::VirtualTime;
use failsafe::{Bulkhead, Failure, Fallback, RateLimiter, Rejected, Retry, Timeout};
use serde_json::{Value, json};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub(crate) type Flow = Result<Outcome, Rejected>;
pub(crate) type Guarded<'a> = Pin<Box<dyn Future<Output = Flow> + Send + 'a>>;
pub(crate) type Listed = Option<Arc<Conditions>>;

/// A body of any kind.
trait AnyBody: Sync {
    fn run_any<'a>(&'a self, call: &'a mut Call) -> Guarded<'a>;
}

impl<B: Body<Outcome>> AnyBody for B {
    fn run_any<'a>(&'a self, call: &'a mut Call) -> Guarded<'a> {
        Box::pin(self.run(call))
    }
}

/// A policy of any kind.
pub(crate) trait Layer: Send + Sync {
    fn guard_any<'a>(&'a self, call: &'a mut Call, body: &'a Inside<'a>) -> Guarded<'a>;
}

impl<P: Policy<Outcome> + Send> Layer for P {
    fn guard_any<'a>(&'a self, call: &'a mut Call, body: &'a Inside<'a>) -> Guarded<'a> {
        Box::pin(self.guard(call, body))
    }
}

/// The policies further inside, around the function.
pub(crate) struct Inside<'a> {
    layers: &'a [Box<dyn Layer>],
    body: &'a dyn AnyBody,
}

impl Body<Outcome> for Inside<'_> {
    async fn run(&self, call: &mut Call) -> Flow {
        enter(self.layers, self.body, call).await
    }
}

fn enter<'a>(
    layers: &'a [Box<dyn Layer>],
    body: &'a dyn AnyBody,
    call: &'a mut Call,
) -> Guarded<'a> {
    match layers.split_first() {
        None => body.run_any(call),
        Some((first, layers)) => {
            Box::pin(async move { first.guard_any(call, &Inside { layers, body }).await })
        }
    }
}

/// The stack, outermost policy first.
pub(crate) struct Stack {
    layers: Vec<Box<dyn Layer>>,
    /// Its breakers, with their places.
    pub(crate) breakers: Vec<(usize, Box<dyn BreakerView>)>,
    /// What its hedges know of durations, with their places.
    pub(crate) quantiles: Vec<(usize, hedge::View)>,
}

impl Policy<Outcome> for Stack {
    async fn guard<B: Body<Outcome>>(&self, call: &mut Call, body: &B) -> Flow {
        enter(&self.layers, body, call).await
    }
}

impl Stack {
    /// Builds the policies; what happens to them goes to the log.
    pub(crate) fn build(specs: &[Spec], log: &Shared) -> Result<Self, String> {
        let mut stack = Self { layers: vec![], breakers: vec![], quantiles: vec![] };
        for (policy, spec) in specs.iter().enumerate() {
            let layer: Box<dyn Layer> = match spec {
                Spec::Retry(spec, handle, abort) => {
                    Box::new(retry(spec, handle, abort, policy, log)?)
                }
                Spec::Breaker(config, handle) => {
                    let breaker = breaker(config, handle, policy, log)?;
                    stack.breakers.push((policy, Box::new(breaker.clone())));
                    Box::new(breaker)
                }
                Spec::Bulkhead(spec) => Box::new(bulkhead(spec, policy, log)?),
                Spec::Hedge(spec, cancel) => {
                    let (layer, view) = hedge::build(spec, cancel, policy, log)?;
                    stack.quantiles.extend(view.map(|view| (policy, view)));
                    layer
                }
                Spec::Timeout(spec) => Box::new(timeout(spec.timeout_ns, policy, log)?),
                Spec::RateLimiter(config) => Box::new(limiter(config, policy, log)?),
                Spec::Fallback(spec, handle) => Box::new(fallback(spec, handle, policy, log)?),
            };
            stack.layers.push(layer);
        }
        Ok(stack)
    }
}

fn retry(
    spec: &RetrySpec,
    handle: &Listed,
    abort: &Listed,
    policy: usize,
    log: &Shared,
) -> Result<impl Policy<Outcome> + Send + use<>, String> {
    let span = Duration::from_nanos;
    let heard = log.clone();
    let mut builder = Retry::builder().on_event(move |event| {
        let mut fields = json!({"policy": policy});
        match event.what() {
            What::RetryScheduled(delay) => fields["delay_ns"] = json!(nanos(delay)),
            // A retry that is refused was counted all the same.
            What::Retry | What::BudgetExceeded(_) => {
                if event.what() == What::Retry {
                    fields["attempts"] = json!(event.attempts());
                }
                let mut log = heard.lock();
                let call = log.current;
                log.retries[call] = event.retries();
            }
            _ => {}
        }
        heard.event(event.what().name(), fields);
    });
    builder = match spec.max_retries.map(u32::try_from) {
        None => builder,
        Some(Ok(max)) => builder.max(max),
        Some(Err(_)) => builder.unlimited(),
    };
    builder = match spec.max_delay_ns {
        Some(max) => {
            builder.backoff(span(spec.delay_ns)..span(max)).factor(spec.factor.unwrap_or(2.0))
        }
        None if spec.delay_ns > 0 => builder.delay(span(spec.delay_ns)),
        None => builder,
    };
    if spec.max_duration_ns > 0 {
        builder = builder.max_duration(span(spec.max_duration_ns));
    }
    if let Some(budget) = spec.budget {
        builder = builder.budget(budget.build()?).source_with(last_straw);
    }
    if !spec.return_last_failure {
        builder = builder.exhausted_with(last_straw);
    }
    if let Some([test, rejection]) = twice(handle) {
        builder = builder.handle_if(move |outcome| test.outcome(outcome));
        builder = builder.handle_rejection_if(move |rejected| rejection.rejection(rejected));
    }
    if let Some([test, rejection]) = twice(abort) {
        builder = builder.abort_if(move |outcome| test.outcome(outcome));
        builder = builder.abort_rejection_if(move |rejected| rejection.rejection(rejected));
    }
    builder.try_build().map_err(|error| error.to_string())
}

/// One copy for values, one for rejections.
pub(crate) fn twice(conditions: &Listed) -> Option<[Arc<Conditions>; 2]> {
    conditions.as_ref().map(|conditions| [Arc::clone(conditions), Arc::clone(conditions)])
}

fn breaker(
    config: &BreakerConfig,
    handle: &Listed,
    policy: usize,
    log: &Shared,
) -> Result<impl Policy<Outcome> + BreakerView + Clone + use<>, String> {
    let [changed, succeeded, failed] = [log.clone(), log.clone(), log.clone()];
    let mut builder = config
        .builder()?
        .on_state_changed(move |change| {
            let (from, to) = (state_name(change.from()), state_name(change.to()));
            let fields = json!({"policy": policy, "from": from, "to": to});
            changed.event_of_none("state_changed", fields);
        })
        .on_success(move |_| succeeded.event("success", json!({"policy": policy})))
        .on_failure(move |_| failed.event("failure", json!({"policy": policy})));
    if let Some([test, rejection]) = twice(handle) {
        builder = builder.handle_if(move |outcome| test.outcome(outcome));
        builder = builder.handle_rejection_if(move |rejected| rejection.rejection(rejected));
    }
    builder.try_build().map_err(|error| error.to_string())
}

fn timeout(limit: u64, policy: usize, log: &Shared) -> Result<Timeout, String> {
    let log = log.clone();
    Timeout::builder(Duration::from_nanos(limit))
        .on_timeout(move |_| log.event("timeout", json!({"policy": policy})))
        .try_build()
        .map_err(|error| error.to_string())
}

fn limiter(config: &LimiterConfig, policy: usize, log: &Shared) -> Result<RateLimiter, String> {
    let log = log.clone();
    config
        .builder()?
        .on_rate_limited(move |_| log.event("rate_limited", json!({"policy": policy})))
        .try_build()
        .map_err(|error| error.to_string())
}

fn bulkhead(spec: &BulkheadSpec, policy: usize, log: &Shared) -> Result<Bulkhead, String> {
    let log = log.clone();
    Bulkhead::builder(spec.max_concurrency)
        .wait(Duration::from_nanos(spec.max_wait_ns))
        .on_full(move |_| log.event("bulkhead_full", json!({"policy": policy})))
        .try_build()
        .map_err(|error| error.to_string())
}

fn fallback(
    spec: &FallbackSpec,
    handle: &Listed,
    policy: usize,
    log: &Shared,
) -> Result<Fallback<Outcome>, String> {
    let answer: Outcome = match (&spec.value, &spec.error) {
        (Some(value), None) => Ok(value.clone()),
        (None, Some(error)) => Err(TraceError::Named(error.clone())),
        _ => return Err("a fallback has a value or an error".to_owned()),
    };
    let (duration, started) = (Duration::from_nanos(spec.duration_ns), log.clone());
    let [done, succeeded, failed] = [log.clone(), log.clone(), log.clone()];
    let mut builder = Fallback::with_async(move |failure| {
        started.event("fallback_start", last(failure, policy));
        let answer = answer.clone();
        async move {
            VirtualTime::sleep(duration).await;
            answer
        }
    })
    .on_fallback(move |_| done.event("fallback_done", json!({"policy": policy})))
    .on_success(move |_| succeeded.event("success", json!({"policy": policy})))
    .on_failure(move |_| failed.event("failure", json!({"policy": policy})));
    if let Some([test, rejection]) = twice(handle) {
        builder = builder.handle_if(move |outcome| test.outcome(outcome));
        builder = builder.handle_rejection_if(move |rejected| rejection.rejection(rejected));
    }
    Ok(builder.build())
}

/// The failure that a fallback answers for, as a trace describes it.
fn last(failure: Failure<Outcome>, policy: usize) -> Value {
    let (error, value) = match failure {
        Failure::Outcome(Ok(value)) => (Value::Null, value),
        Failure::Outcome(Err(error)) => (error.json(), String::new()),
        Failure::Rejected(rejected) => (TraceError::from(rejected).json(), String::new()),
    };
    json!({"policy": policy, "last_error": error, "last_value": value})
}
