//! Building a breaker of a trace, and reading what a trace compares.

use super::compare::METRICS;
use failsafe::CircuitBreaker;
use failsafe::circuit_breaker::{CircuitBreakerBuilder, Metrics, State};
use failsafe::config::{Failures, Rate, Successes};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// `config` of a circuit breaker.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct BreakerConfig {
    mode: String,
    failure_threshold: Option<u32>,
    failure_capacity: Option<u32>,
    failure_period_ns: Option<u64>,
    failure_rate_threshold: Option<f64>,
    failure_min_executions: Option<u32>,
    success_threshold: Option<u32>,
    success_capacity: Option<u32>,
    delay_ns: Option<u64>,
    #[serde(default)]
    pub(crate) delay_func: bool,
    #[serde(default)]
    pub(crate) clock_origin_ns: u64,
}

impl BreakerConfig {
    /// A builder that was told all but the hooks.
    pub(crate) fn builder(&self) -> Result<CircuitBreakerBuilder, String> {
        let mut builder =
            CircuitBreaker::builder().clock_origin(Duration::from_nanos(self.clock_origin_ns));
        if let Some(failures) = self.failures()? {
            builder = builder.failures(failures);
        }
        match (self.success_threshold, self.success_capacity) {
            (Some(successes), of) => {
                let of = of.unwrap_or(successes);
                builder = builder.successes(Successes { successes, of });
            }
            (None, Some(_)) => return Err("success_capacity without success_threshold".to_owned()),
            (None, None) => {}
        }
        if let Some(delay) = self.delay_ns {
            builder = builder.delay(Duration::from_nanos(delay));
        }
        Ok(builder)
    }

    /// How long a slice of its window is, if it counts within a period.
    pub(crate) fn slice_ns(&self) -> Option<u64> {
        self.failure_period_ns.map(|period| (period / 10).max(1))
    }

    /// Whether it counts within a period.
    pub(crate) const fn is_timed(&self) -> bool {
        self.failure_period_ns.is_some()
    }

    fn failures(&self) -> Result<Option<Failures>, String> {
        let threshold = need(self.failure_threshold, "failure_threshold");
        let period = need(self.failure_period_ns, "failure_period_ns").map(Duration::from_nanos);
        Ok(Some(match self.mode.as_str() {
            "default" => return Ok(None),
            "count" => Failures::Count { failures: threshold.clone()?, of: threshold? },
            "ratio" => Failures::Count {
                failures: threshold?,
                of: need(self.failure_capacity, "failure_capacity")?,
            },
            "period" => Failures::Period { failures: threshold?, period: period? },
            "rate" => {
                let rate = need(self.failure_rate_threshold, "failure_rate_threshold")?;
                let least = need(self.failure_min_executions, "failure_min_executions")?;
                Failures::Rate {
                    rate: Rate::new(rate).map_err(|fault| fault.to_string())?,
                    // At least none is the same as at least one: something is counted by then.
                    of: least.max(1),
                    period: Some(period?),
                }
            }
            unknown => return Err(format!("unknown mode `{unknown}`")),
        }))
    }
}

fn need<T>(value: Option<T>, field: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("no `{field}`"))
}

/// A breaker of any hooks, as a trace looks at it.
pub(crate) trait BreakerView: Send + Sync {
    /// The fields of a trace.
    fn fields(&self) -> Map<String, Value>;
}

impl<H: Send + Sync> BreakerView for CircuitBreaker<H> {
    fn fields(&self) -> Map<String, Value> {
        let mut fields = metrics(&self.metrics());
        fields.insert("state".to_owned(), json!(state_name(self.state())));
        fields.insert("remaining_delay_ns".to_owned(), json!(nanos(self.remaining_delay())));
        fields
    }
}

/// The five metrics of a trace.
pub(crate) fn metrics(metrics: &Metrics) -> Map<String, Value> {
    let values = [
        json!(metrics.executions()),
        json!(metrics.failures()),
        json!(metrics.failure_rate()),
        json!(metrics.successes()),
        json!(metrics.success_rate()),
    ];
    METRICS.iter().map(|name| (*name).to_owned()).zip(values).collect()
}

/// A state as a trace names it.
pub(crate) const fn state_name(state: State) -> &'static str {
    match state {
        State::Closed => "closed",
        State::Open => "open",
        State::HalfOpen => "half_open",
    }
}

/// A duration as a trace writes it.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
