//! The options of a retry.

use super::RetryConfig;
use crate::spec::{OnFailure, OptionSpec, PolicySpec, Rejection, Runs, Shape};

pub(crate) const HANDLE: &str =
    "Which return values are failures: a pattern, with an optional `if`; replaces \"any failure\".";
pub(crate) const HANDLE_IF: &str =
    "Which return values are failures: a predicate over `&Return`; replaces \"any failure\".";
pub(crate) const HANDLE_REJECTED: &str =
    "Which rejections by the policies inside are failures; replaces \"any failure\".";
const BUDGET: &str = "The budget that each retry asks for a permit: a static, or a field.";
pub(crate) const ON_SUCCESS: &str = "Called when the policy has judged an outcome a success.";
pub(crate) const ON_FAILURE: &str = "Called when the policy has judged an outcome a failure.";

impl RetryConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "retry",
        type_name: "Retry",
        blank: || Box::new(RetryConfig::new()),
        positional: None,
        options: OPTIONS,
        exclusive: &[&["max", "attempts"], &["delay", "backoff", "random_delay"]],
        requires: &[
            (
                "factor",
                &["backoff"],
                "`factor` is how fast a `backoff` grows, and there is none: add `backoff` or remove it",
            ),
            (
                "jitter",
                &["delay", "backoff", "random_delay", "delay_with"],
                "`jitter` varies a delay, and this retry has none: add `delay` or `backoff`",
            ),
        ],
        needs_one_of: None,
        stateful: false,
        twice: None,
        name_alone: crate::spec::NameAlone::Declares,
        runs: Runs::OneAfterAnother,
        rejects: Some(Rejection::of_kind("RetriesExceeded").if_said_by(&["exhausted", "budget"])),
        on_failure: OnFailure::Acts,
        generic: false,
        needs_async: None,
        is_step: true,
    };
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::config(
        "max",
        Some("max"),
        "2",
        "3",
        "Retries after the first attempt, or `unlimited`.",
    ),
    OptionSpec::config(
        "attempts",
        Some("attempts"),
        "3",
        "4",
        "Attempts in all, the first one included.",
    ),
    OptionSpec::config(
        "delay",
        Some("delay"),
        "\"0s\"",
        "\"100ms\"",
        "The time before each retry.",
    ),
    OptionSpec::config(
        "backoff",
        None,
        "",
        "\"1s..10s\"",
        "The first and the longest delay; each is longer than the last by `factor`.",
    ),
    OptionSpec::config("factor", Some("factor"), "2", "1.5", "How fast a backoff grows."),
    OptionSpec::config(
        "random_delay",
        None,
        "",
        "\"1s..5s\"",
        "A delay between the two, uniformly at random.",
    ),
    OptionSpec::config(
        "jitter",
        Some("jitter"),
        "\"0s\"",
        "0.2",
        "How much a delay varies to either side: a time, or a share of it.",
    ),
    OptionSpec::config(
        "max_duration",
        Some("max_duration"),
        "",
        "\"1m\"",
        "A failure at or after this long since the start of the call is the last; delays are cut to fit.",
    ),
    OptionSpec::config(
        "exhausted",
        Some("exhausted"),
        "\"last\"",
        "\"error\"",
        "What is returned when the retries have run out: the last outcome, or `RetriesExceeded`.",
    ),
    OptionSpec::call(
        "delay_with",
        Shape::Function,
        "|outcome| ..",
        "A delay computed from the outcome; `None` uses the configured one.",
    ),
    OptionSpec::call("budget", Shape::Expression, "BUDGET", BUDGET),
    OptionSpec::call("handle", Shape::Pattern, "Err(Error::Status(503))", HANDLE),
    OptionSpec::call("handle_if", Shape::Function, "is_transient", HANDLE_IF),
    OptionSpec::call("handle_rejected", Shape::Kinds, "Kind::Timeout", HANDLE_REJECTED),
    OptionSpec::call(
        "abort",
        Shape::Pattern,
        "Err(Error::Unauthorized)",
        "Which failures end the retries at once: a pattern over the return type.",
    ),
    OptionSpec::call(
        "abort_if",
        Shape::Function,
        "is_fatal",
        "Which failures end the retries at once: a predicate over `&Return`.",
    ),
    OptionSpec::call(
        "abort_rejected",
        Shape::Kinds,
        "Kind::CircuitOpen",
        "Which rejections by the policies inside end the retries at once.",
    ),
    OptionSpec::call(
        "on_retry_scheduled",
        Shape::Listener,
        "|event| ..",
        "Called when a delay begins, with its length.",
    ),
    OptionSpec::call("on_retry", Shape::Listener, "|event| ..", "Called before each retry."),
    OptionSpec::call(
        "on_abort",
        Shape::Listener,
        "|event| ..",
        "Called when an abort condition ends the retries.",
    ),
    OptionSpec::call(
        "on_retries_exceeded",
        Shape::Listener,
        "|event| ..",
        "Called when the retries have run out.",
    ),
    OptionSpec::call(
        "on_budget_exceeded",
        Shape::Listener,
        "|event| ..",
        "Called when the budget refused a retry.",
    ),
    OptionSpec::call("on_success", Shape::Listener, "|event| ..", ON_SUCCESS),
    OptionSpec::call("on_failure", Shape::Listener, "|event| ..", ON_FAILURE),
];
