//! The options of a hedge.

use super::HedgeConfig;
use crate::spec::{OnFailure, OptionSpec, PolicySpec, Runs, Shape};

impl HedgeConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "hedge",
        type_name: "Hedge",
        blank: || Box::new(HedgeConfig::new()),
        positional: Some("delay"),
        options: OPTIONS,
        exclusive: &[
            &["delay", "delay_with", "quantile"],
            &["first", "cancel"],
            &["first", "cancel_if"],
            &["first", "cancel_rejected"],
        ],
        requires: &[
            (
                "age",
                &["quantile"],
                "`age` is how many attempts a `quantile` looks back, and there is none: add \
                 `quantile` or remove it",
            ),
            (
                "threshold",
                &["quantile"],
                "`threshold` is how many attempts a `quantile` needs, and there is none: add \
                 `quantile` or remove it",
            ),
        ],
        needs_one_of: Some((
            &["delay", "delay_with", "quantile"],
            "write how long to wait before a hedge: `hedge(\"50ms\")`, or `hedge(quantile = 0.95)`",
        )),
        stateful: true,
        twice: Some("it would hedge its own hedges"),
        name_alone: crate::spec::NameAlone::Refers,
        runs: Runs::SideBySide,
        rejects: None,
        on_failure: OnFailure::Other,
        generic: false,
        needs_async: Some(
            "`hedge` runs several attempts at the same time on one task, and a blocking function \
             has the thread for itself: make it an `async fn`, or use `retry` to run it again after \
             a failure",
        ),
        is_step: false,
    };
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::config(
        "delay",
        Some("delay"),
        "",
        "\"50ms\"",
        "How long an attempt may take before the next one starts beside it; may be written first, without its name.",
    ),
    OptionSpec::call(
        "delay_with",
        Shape::Function,
        "|hedges| ..",
        "The delay computed from the number of hedges started so far; `None` starts no more.",
    ),
    OptionSpec::config(
        "quantile",
        Some("quantile"),
        "",
        "0.95",
        "The delay is this quantile of how long earlier attempts took.",
    ),
    OptionSpec::config(
        "age",
        Some("age"),
        "30",
        "100",
        "Over about how many attempts the quantile is taken.",
    ),
    OptionSpec::config(
        "threshold",
        Some("threshold"),
        "20",
        "50",
        "After how many attempts the quantile is used; before, nothing is hedged.",
    ),
    OptionSpec::config("max", Some("max"), "1", "2", "The most hedges of a call."),
    OptionSpec::flag("first", "Any outcome ends the race, a failure too."),
    OptionSpec::call(
        "cancel",
        Shape::Pattern,
        "Ok(_) | Err(Error::NotFound)",
        "Which outcomes end the race: a pattern over the return type; replaces \"any success\".",
    ),
    OptionSpec::call(
        "cancel_if",
        Shape::Function,
        "is_complete",
        "Which outcomes end the race: a predicate over `&Return`; replaces \"any success\".",
    ),
    OptionSpec::call(
        "cancel_rejected",
        Shape::Kinds,
        "Kind::CircuitOpen",
        "Which rejections by the policies inside end the race; replaces \"any success\".",
    ),
    OptionSpec::call(
        "budget",
        Shape::Expression,
        "BUDGET",
        "The budget that each hedge asks for a permit: a static, or a field.",
    ),
    OptionSpec::call("on_hedge", Shape::Listener, "|event| ..", "Called before each hedge starts."),
    OptionSpec::call(
        "on_budget_exceeded",
        Shape::Listener,
        "|event| ..",
        "Called when the budget refused a hedge.",
    ),
];
