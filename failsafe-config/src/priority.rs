//! The options of a policy that a prioritizer can tell whom to refuse: the same for every such policy.

use crate::fault::demand;
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
    Shape::CallDefault,
    "\"high\"",
    "How important the call is; else what the `Caller` around it says.",
);

pub(crate) const LEVEL: OptionSpec = OptionSpec::call(
    "level",
    Shape::CallDefault,
    "400",
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

/// What is wrong with a literal as a prioritizer: there is none that could be meant.
pub fn literal_prioritizer() -> Fault {
    Fault::known(
        "policies share a prioritizer, so it is made once: write `static SHEDDING: Prioritizer = \
         failsafe::policy!(prioritizer());` and here `prioritizer = SHEDDING`",
    )
}

/// The priorities as they are written, the least important first.
pub const PRIORITIES: [&str; 5] = ["very_low", "low", "medium", "high", "very_high"];

/// The place of a priority in [`PRIORITIES`], of what was written.
///
/// # Errors
///
/// Says which there are.
pub fn read_priority(value: &Value) -> Result<usize, Fault> {
    let place =
        value.text().and_then(|text| PRIORITIES.iter().position(|name| *name == text.trim()));
    place.ok_or_else(|| {
        Fault::quoting(format!(
            "{value} is not a priority: write \"very_low\", \"low\", \"medium\", \"high\" or \
             \"very_high\"; a number is a `level`"
        ))
    })
}

/// Who makes the calls that do not say it themselves: what settings say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallerOptions {
    priority: Option<usize>,
    level: Option<u16>,
}

impl CallerOptions {
    /// Nothing.
    pub const fn new() -> Self {
        Self { priority: None, level: None }
    }

    /// How important the calls are, as the place in [`PRIORITIES`].
    pub const fn priority(&self) -> Option<usize> {
        self.priority
    }

    /// The same to the level.
    pub const fn level(&self) -> Option<u16> {
        self.level
    }

    #[track_caller]
    pub(crate) const fn with_priority(mut self, place: usize) -> Self {
        let is_there = place < PRIORITIES.len();
        demand(if is_there { None } else { Some("there are five priorities, from 0 to 4") });
        self.priority = Some(place);
        self
    }

    #[track_caller]
    pub(crate) const fn with_level(mut self, level: u16) -> Self {
        let is_level = level <= 499;
        demand(if is_level { None } else { Some("a level is from 0 to 499") });
        self.level = Some(level);
        self
    }

    pub(crate) fn set(&mut self, option: &str, value: &Value) -> Result<(), Fault> {
        if option == "priority" {
            self.priority = Some(read_priority(value)?);
            return Ok(());
        }
        let level = match value {
            Value::Int(level @ 0..=499) => u16::try_from(*level).ok(),
            Value::Int(other) => {
                return Err(Fault::quoting(format!(
                    "`{other}` is not a level: write 0, the least important, to 499"
                )));
            }
            _ => None,
        };
        self.level = Some(level.ok_or_else(|| {
            Fault::quoting(format!(
                "{value} is not a level: write 0, the least important, to 499, or a `priority`"
            ))
        })?);
        Ok(())
    }

    pub(crate) fn recipe(&self) -> impl Iterator<Item = String> + use<> {
        let priority = self.priority.map(|place| format!("priority({place})"));
        let level = self.level.map(|level| format!("level({level})"));
        priority.into_iter().chain(level)
    }
}

/// The options of a configuration that has them in `caller`.
macro_rules! said {
    ($config:ty) => {
        impl $config {
            /// How important the calls are that do not say it themselves, as the place among the
            /// priorities, from 0.
            ///
            /// # Panics
            ///
            /// When there are not so many.
            #[must_use]
            #[track_caller]
            pub const fn priority(mut self, place: usize) -> Self {
                self.caller = self.caller.with_priority(place);
                self
            }

            /// The same to the level.
            ///
            /// # Panics
            ///
            /// When it is above 499.
            #[must_use]
            #[track_caller]
            pub const fn level(mut self, level: u16) -> Self {
                self.caller = self.caller.with_level(level);
                self
            }

            /// Who makes the calls that do not say it themselves.
            pub const fn get_caller(&self) -> $crate::CallerOptions {
                self.caller
            }
        }
    };
}

pub(crate) use said;
