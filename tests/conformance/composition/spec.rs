//! The policies of a stack as a trace describes them.

use crate::replayer::breaker_view::BreakerConfig;
use crate::replayer::budget::BudgetConfig;
use crate::replayer::conditions::Conditions;
use crate::replayer::rate_limiter::LimiterConfig;
use crate::replayer::{NOT_YET, file};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// A policy of a stack.
pub(crate) enum Spec {
    Retry(RetrySpec, Option<Arc<Conditions>>, Option<Arc<Conditions>>),
    Breaker(BreakerConfig, Option<Arc<Conditions>>),
    Timeout(TimeoutSpec),
    Fallback(FallbackSpec, Option<Arc<Conditions>>),
    RateLimiter(LimiterConfig),
    Bulkhead(BulkheadSpec),
    Hedge(HedgeSpec, Option<Arc<Conditions>>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkheadSpec {
    pub(crate) max_concurrency: u32,
    #[serde(default)]
    pub(crate) max_wait_ns: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HedgeSpec {
    pub(crate) max_hedges: u32,
    pub(crate) delay_ns: Option<i64>,
    pub(crate) delays_ns: Option<Vec<i64>>,
    pub(crate) quantile: Option<f64>,
    pub(crate) quantile_age: Option<u32>,
    pub(crate) execution_threshold: Option<u32>,
    pub(crate) budget: Option<BudgetConfig>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetrySpec {
    pub(crate) max_retries: Option<i64>,
    #[serde(default)]
    pub(crate) delay_ns: u64,
    pub(crate) max_delay_ns: Option<u64>,
    pub(crate) factor: Option<f64>,
    #[serde(default)]
    pub(crate) max_duration_ns: u64,
    #[serde(default)]
    pub(crate) return_last_failure: bool,
    pub(crate) budget: Option<BudgetConfig>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimeoutSpec {
    pub(crate) timeout_ns: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FallbackSpec {
    pub(crate) value: Option<String>,
    pub(crate) error: Option<String>,
    #[serde(default)]
    pub(crate) duration_ns: u64,
}

/// The part of a policy that we do not have yet, if there is one.
pub(crate) fn missing(policy: &Value) -> Option<&'static str> {
    let has = |name: &&&str| policy["type"] == ***name || policy.get(**name).is_some();
    NOT_YET.iter().find(has).copied()
}

/// Reads a policy; an unknown one, or an unknown field of one, is an error that names it.
pub(crate) fn read(policy: Value) -> Result<Spec, String> {
    let Value::Object(mut fields) = policy else { return Err(format!("no policy: {policy}")) };
    let kind = fields.remove("type").unwrap_or_default();
    let what = format!("policy {kind}");
    let rest = |fields| Value::Object(fields);
    Ok(match kind.as_str().unwrap_or_default() {
        "retry" => {
            let handle = handled(&mut fields)?;
            let errors = names(&mut fields, "abort_errors")?;
            let abort = Conditions::abort(errors, names(&mut fields, "abort_results")?);
            Spec::Retry(file::parse(&what, rest(fields))?, handle, abort)
        }
        "circuit_breaker" => {
            let handle = handled(&mut fields)?;
            let config: BreakerConfig = file::parse(&what, rest(fields))?;
            if config.delay_func {
                return Err(format!("{what}: no trace says what its delay function answers"));
            }
            Spec::Breaker(config, handle)
        }
        "rate_limiter" => Spec::RateLimiter(file::parse(&what, rest(fields))?),
        "hedge" => {
            let errors = names(&mut fields, "cancel_errors")?;
            let cancel = Conditions::abort(errors, names(&mut fields, "cancel_results")?);
            Spec::Hedge(file::parse(&what, rest(fields))?, cancel)
        }
        "bulkhead" => Spec::Bulkhead(file::parse(&what, rest(fields))?),
        "timeout" => Spec::Timeout(file::parse(&what, rest(fields))?),
        "fallback" => {
            let handle = handled(&mut fields)?;
            Spec::Fallback(file::parse(&what, rest(fields))?, handle)
        }
        _ => return Err(format!("unknown {what}")),
    })
}

fn handled(fields: &mut Map<String, Value>) -> Result<Option<Arc<Conditions>>, String> {
    let errors = names(fields, "handle_errors")?;
    Ok(Conditions::handle(errors, names(fields, "handle_results")?))
}

fn names(fields: &mut Map<String, Value>, field: &str) -> Result<Option<Vec<String>>, String> {
    fields.remove(field).map(|value| file::parse(field, value)).transpose()
}
