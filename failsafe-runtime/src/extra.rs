//! What a budget is asked for.

use std::fmt;

/// An execution beyond the first of a call.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extra {
    /// A retry.
    Retry,
    /// A hedge.
    Hedge,
}

impl Extra {
    /// `"retry"` or `"hedge"`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Hedge => "hedge",
        }
    }
}

impl fmt::Display for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
