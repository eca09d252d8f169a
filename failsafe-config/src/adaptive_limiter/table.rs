//! The options of an adaptive limiter.

use super::AdaptiveLimiterConfig;
use crate::spec::{OnFailure, OptionSpec, PolicySpec, Rejection, Runs, Shape};
use crate::{key, priority};

impl AdaptiveLimiterConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "adaptive_limiter",
        type_name: "AdaptiveLimiter",
        blank: || Box::new(AdaptiveLimiterConfig::new()),
        positional: None,
        options: OPTIONS,
        exclusive: &[
            &["max_limit_with", "max_limit_factor"],
            &["max_limit_with", "max_limit_factor_decay"],
        ],
        requires: &[
            (
                "min_limit_factor",
                &["max_limit_factor_decay"],
                "`min_limit_factor` is what `max_limit_factor` decays to, and it does not: add \
                 `max_limit_factor_decay`, or remove it",
            ),
            key::MAX_KEYS_NEEDS_KEY,
            key::KEY_IDLE_NEEDS_KEY,
            priority::NEED_PRIORITIZER[0],
            priority::NEED_PRIORITIZER[1],
            priority::NEED_PRIORITIZER[2],
        ],
        needs_one_of: None,
        stateful: true,
        twice: Some("each call would count as two in flight"),
        name_alone: crate::spec::NameAlone::Refers,
        runs: Runs::Once,
        rejects: Some(Rejection::of_kind("LimitExceeded")),
        on_failure: OnFailure::Other,
        generic: false,
        needs_async: None,
        is_step: false,
    };
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::config(
        "limits",
        Some("limits"),
        "\"1..200\"",
        "\"5..100\"",
        "The least and the greatest limit.",
    ),
    OptionSpec::config("initial", Some("initial"), "20", "50", "The limit it begins with."),
    OptionSpec::config(
        "max_limit_factor",
        Some("max_limit_factor"),
        "5",
        "2.5",
        "The limit rises to so many times the calls in flight at the most.",
    ),
    OptionSpec::config(
        "max_limit_factor_decay",
        Some("max_limit_factor_decay"),
        "0",
        "1",
        "How much that factor falls with each power of ten of the calls in flight.",
    ),
    OptionSpec::config(
        "min_limit_factor",
        Some("min_limit_factor"),
        "1",
        "1.2",
        "What that factor falls to at the most.",
    ),
    OptionSpec::call(
        "max_limit_with",
        Shape::Function,
        "|in_flight| in_flight * 2",
        "The limit rises to what this makes of the calls in flight at the most.",
    )
    .of_instance("compute from the calls in flight only"),
    OptionSpec::config(
        "stabilization",
        Some("stabilization"),
        "\"0s\"",
        "\"5m\"",
        "For how long the most calls in flight count for that; zero is one window.",
    ),
    OptionSpec::config(
        "window",
        Some("window"),
        "\"1s..30s\"",
        "\"500ms..10s\"",
        "The shortest and the longest time between two decisions.",
    ),
    OptionSpec::config(
        "samples",
        Some("samples"),
        "50",
        "20",
        "How many calls are sampled between two decisions at the least.",
    ),
    OptionSpec::config(
        "quantile",
        Some("quantile"),
        "0.9",
        "0.5",
        "Which quantile of the sampled latencies is the recent one.",
    ),
    OptionSpec::config(
        "baseline",
        Some("baseline"),
        "10",
        "20",
        "Over how many windows the baseline is averaged.",
    ),
    OptionSpec::config(
        "baseline_drift",
        Some("baseline_drift"),
        "\"10% in 1h\"",
        "\"20% in 30m\"",
        "How far the baseline may rise in how much time, or `unlimited`.",
    ),
    OptionSpec::config(
        "correlation",
        Some("correlation"),
        "50",
        "20",
        "Over how many windows latency and throughput are correlated with the calls in flight.",
    ),
    OptionSpec::config(
        "shrink_when_idle",
        Some("shrink_when_idle"),
        "false",
        "true",
        "Whether the limit may fall while less than half of it is in use.",
    ),
    OptionSpec::config(
        "queue",
        Some("queue"),
        "",
        "\"2..3\"",
        "How many calls wait, in limits, when the first are refused and when all are.",
    ),
    OptionSpec::config(
        "wait",
        Some("wait"),
        "",
        "\"500ms\"",
        "How long a call may wait for a permit, or `unlimited`; without it not at all, or without \
         end if there is a `queue`.",
    ),
    OptionSpec::call("handle", Shape::Pattern, "Err(_)", crate::retry::HANDLE),
    OptionSpec::call("handle_if", Shape::Function, "is_outage", crate::retry::HANDLE_IF),
    OptionSpec::call(
        "handle_rejected",
        Shape::Kinds,
        "Kind::Timeout",
        crate::retry::HANDLE_REJECTED,
    ),
    OptionSpec::call(
        "key",
        Shape::Expression,
        "tenant",
        "One limiter for each value of this expression.",
    ),
    key::MAX_KEYS,
    key::KEY_IDLE,
    priority::PRIORITIZER,
    priority::PRIORITY,
    priority::LEVEL,
    priority::USER,
    OptionSpec::call(
        "on_limit_changed",
        Shape::Listener,
        "|event| ..",
        "Called after the limit has changed.",
    )
    .of_instance_if_free(),
    OptionSpec::call(
        "on_limit_exceeded",
        Shape::Listener,
        "|event| ..",
        "Called when a call is refused.",
    ),
];
