//! The options of a rate limiter.

use super::RateLimiterConfig;
use crate::key;
use crate::spec::{OnFailure, OptionSpec, PolicySpec, Rejection, Runs, Shape};

impl RateLimiterConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "rate_limiter",
        type_name: "RateLimiter",
        blank: || Box::new(RateLimiterConfig::new()),
        positional: None,
        options: OPTIONS,
        exclusive: &[&["smooth", "bursty"]],
        requires: &[key::MAX_KEYS_NEEDS_KEY, key::KEY_IDLE_NEEDS_KEY],
        needs_one_of: Some((
            &["smooth", "bursty"],
            "write how many calls in how much time: `rate_limiter(smooth = \"100/s\")`, or \
             `bursty = \"100/s\"` to let all of them come at once",
        )),
        stateful: true,
        twice: Some("each call would need its permits twice"),
        name_alone: crate::spec::NameAlone::Refers,
        runs: Runs::Once,
        rejects: Some(Rejection::of_kind("RateLimited")),
        on_failure: OnFailure::Other,
        generic: false,
        needs_async: None,
        is_step: false,
    };
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::config(
        "smooth",
        Some("smooth"),
        "",
        "\"100/s\"",
        "How many permits in how much time, one by one in equal intervals.",
    ),
    OptionSpec::config(
        "bursty",
        Some("bursty"),
        "",
        "\"100/s\"",
        "How many permits in how much time, all at the start of each period.",
    ),
    OptionSpec::config(
        "wait",
        Some("wait"),
        "\"0s\"",
        "\"500ms\"",
        "How long a call may wait for its permits.",
    ),
    OptionSpec::call_value("permits", "1", "1", "How many permits a call needs."),
    OptionSpec::call(
        "key",
        Shape::Expression,
        "tenant",
        "One limiter for each value of this expression.",
    ),
    key::MAX_KEYS,
    key::KEY_IDLE,
    OptionSpec::call(
        "on_rate_limited",
        Shape::Listener,
        "|event| ..",
        "Called when a call is refused.",
    ),
];
