//! The options of a circuit breaker.

use super::CircuitBreakerConfig;
use crate::key;
use crate::spec::{OnFailure, OptionSpec, PolicySpec, Rejection, Runs, Shape};

impl CircuitBreakerConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "circuit_breaker",
        type_name: "CircuitBreaker",
        blank: || Box::new(CircuitBreakerConfig::new()),
        positional: None,
        options: OPTIONS,
        exclusive: &[],
        requires: &[key::MAX_KEYS_NEEDS_KEY, key::KEY_IDLE_NEEDS_KEY],
        needs_one_of: None,
        stateful: true,
        twice: Some("it would refuse its own trial calls"),
        name_alone: crate::spec::NameAlone::Refers,
        runs: Runs::Once,
        rejects: Some(Rejection::of_kind("CircuitOpen").lasting()),
        on_failure: OnFailure::Acts,
        generic: false,
        needs_async: None,
        is_step: true,
    };
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::config(
        "failures",
        Some("failures"),
        "1",
        "\"3/5\"",
        "When it opens: 5 (in a row), \"3/5\", \"3 in 1m\" or \"20% of 5 in 1m\".",
    ),
    OptionSpec::config(
        "successes",
        Some("successes"),
        "",
        "2",
        "When a half-open breaker closes; without it the failure threshold decides.",
    ),
    OptionSpec::config("delay", Some("delay"), "\"1m\"", "\"30s\"", "How long it stays open."),
    OptionSpec::config("slow", Some("slow"), "", "\"2s\"", "Slower calls are failures."),
    OptionSpec::call(
        "delay_with",
        Shape::Function,
        "|outcome| ..",
        "How long to stay open, from the outcome that opened it; `None` uses `delay`.",
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
        "One breaker for each value of this expression.",
    ),
    key::MAX_KEYS,
    key::KEY_IDLE,
    OptionSpec::call(
        "on_state_changed",
        Shape::Listener,
        "|event| ..",
        "Called after every change of state.",
    )
    .of_instance_if_free(),
    OptionSpec::call("on_open", Shape::Listener, "|event| ..", "Called after it opened.")
        .of_instance_if_free(),
    OptionSpec::call("on_half_open", Shape::Listener, "|event| ..", "Called after it half-opened.")
        .of_instance_if_free(),
    OptionSpec::call("on_close", Shape::Listener, "|event| ..", "Called after it closed.")
        .of_instance_if_free(),
    OptionSpec::call("on_success", Shape::Listener, "|event| ..", crate::retry::ON_SUCCESS),
    OptionSpec::call("on_failure", Shape::Listener, "|event| ..", crate::retry::ON_FAILURE),
];
