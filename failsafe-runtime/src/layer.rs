//! Where an effective value comes from, from weak to strong.

use failsafe_config::Value;
use serde::{Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file as it was named.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Which layer of the configuration set a value, from weak to strong.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layer {
    /// Nobody: it is the option's default.
    Default,
    /// The attribute or `policy!`.
    Attribute {
        /// The file it is in.
        file: &'static str,
        /// The line it is on.
        line: u32,
    },
    /// A settings file, for all policies of the kind.
    Global(Place),
    /// A settings file, for the policies whose names match.
    Group {
        /// The pattern.
        pattern: Arc<str>,
        /// Where it is set.
        place: Place,
    },
    /// A stack that a settings file defines.
    Stack(Place),
    /// A settings file, for the policy of that name.
    Policy(Place),
    /// A variable of the environment.
    Environment(Arc<str>),
    /// The program itself, at run time.
    Code,
}

impl Layer {
    /// The word for it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Attribute { .. } => "attribute",
            Self::Global(_) => "global",
            Self::Group { .. } => "group",
            Self::Stack(_) => "stack",
            Self::Policy(_) => "policy",
            Self::Environment(_) => "environment",
            Self::Code => "code",
        }
    }

    /// Where it was set, if that is a place: `file:line`, or a variable.
    pub fn place(&self) -> Option<String> {
        match self {
            Self::Default | Self::Code => None,
            Self::Attribute { file, line } => Some(format!("{file}:{line}")),
            Self::Global(place)
            | Self::Group { place, .. }
            | Self::Stack(place)
            | Self::Policy(place) => Some(place.to_string()),
            Self::Environment(variable) => Some(variable.to_string()),
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        if let Self::Group { pattern, .. } = self {
            write!(f, " `{pattern}`")?;
        }
        self.place().map_or(Ok(()), |place| write!(f, " {place}"))
    }
}

impl Serialize for Layer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut state = serializer.serialize_struct("Layer", 3)?;
        state.serialize_field("layer", self.name())?;
        match self {
            Self::Group { pattern, .. } => state.serialize_field("pattern", &**pattern)?,
            _ => state.skip_field("pattern")?,
        }
        match self.place() {
            Some(place) => state.serialize_field("place", &place)?,
            None => state.skip_field("place")?,
        }
        state.end()
    }
}

/// One option that was set at run time.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) option: &'static str,
    pub(crate) value: Value,
    pub(crate) layer: Layer,
}

/// All that the policies of one name are told at run time: of each option the strongest value.
#[derive(Debug, Clone, Default)]
pub(crate) struct Patch {
    pub(crate) settings: Vec<Setting>,
    pub(crate) enabled: Option<(bool, Layer)>,
    pub(crate) observe: Option<(bool, Layer)>,
}

impl Patch {
    /// The options and values.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (&'static str, &Value)> + Clone {
        self.settings.iter().map(|setting| (setting.option, &setting.value))
    }
}
