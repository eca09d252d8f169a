//! The options of a policy that a prioritizer can tell whom to refuse: the same for every such policy.

use crate::spec::{OptionSpec, Shape};
use crate::{Fault, Value};

/// A rule of a table: an option, what it needs beside it, and why.
type Requirement = (&'static str, &'static [&'static str], &'static str);

pub(crate) const PRIORITIZER: OptionSpec = OptionSpec::call(
    "prioritizer",
    Shape::Expression,
    "SHEDDING",
    "Refuses the less important calls first, by this prioritizer, which several policies can share.",
);

pub(crate) const PRIORITY: OptionSpec = OptionSpec::call(
    "priority",
    Shape::Expression,
    "Priority::High",
    "How important the call is; else what the `Caller` around it says.",
);

pub(crate) const LEVEL: OptionSpec = OptionSpec::call(
    "level",
    Shape::Expression,
    "request.level",
    "The same to the level, from 0 to 499; else one of the priority by chance.",
);

pub(crate) const USER: OptionSpec = OptionSpec::call(
    "user",
    Shape::Expression,
    "tenant",
    "For whom the call is made; else what the `Caller` around it says.",
);

pub(crate) const NEED_PRIORITIZER: [Requirement; 3] = [
    (
        "priority",
        &["prioritizer"],
        "`priority` tells a prioritizer how important the call is, and there is none: add \
         `prioritizer = ..` or remove it",
    ),
    (
        "level",
        &["prioritizer"],
        "`level` tells a prioritizer how important the call is, and there is none: add \
         `prioritizer = ..` or remove it",
    ),
    (
        "user",
        &["prioritizer"],
        "`user` tells a prioritizer for whom the call is made, and there is none: add \
         `prioritizer = ..` or remove it",
    ),
];

/// Judges what was written for one of these options as a literal.
///
/// # Errors
///
/// Says what to write instead, where a literal cannot be meant.
pub fn judge_priority_option(option: &str, written: &Value) -> Result<(), Fault> {
    match (option, written) {
        ("prioritizer", _) => Err(Fault::known(
            "policies share a prioritizer, so it is made once: write `static SHEDDING: Prioritizer \
             = failsafe::policy!(prioritizer());` and here `prioritizer = SHEDDING`",
        )),
        ("priority", other) => Err(Fault::quoting(format!(
            "{other} is not a priority: write `failsafe::Priority::High`, or another of `VeryLow`, \
             `Low`, `Medium`, `High` and `VeryHigh`; a number is a `level`"
        ))),
        ("level", Value::Int(0..=499)) => Ok(()),
        ("level", Value::Int(other)) => Err(Fault::quoting(format!(
            "`{other}` is not a level: write 0, the least important, to 499"
        ))),
        ("level", other) => Err(Fault::quoting(format!(
            "{other} is not a level: write 0, the least important, to 499, or a `priority`"
        ))),
        _ => Ok(()),
    }
}
