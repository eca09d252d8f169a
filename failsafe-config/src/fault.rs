use std::borrow::Cow;
use std::fmt;

/// What is wrong with a configuration and what to write instead, in the user's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(Cow<'static, str>);

impl Fault {
    /// A fault known before the program runs.
    pub const fn known(message: &'static str) -> Self {
        Self(Cow::Borrowed(message))
    }

    /// A fault whose message quotes what was written.
    pub const fn quoting(message: String) -> Self {
        Self(Cow::Owned(message))
    }

    /// Turns a rule's verdict into a result.
    ///
    /// # Errors
    ///
    /// When the rule found something.
    pub fn from_verdict(verdict: Option<&'static str>) -> Result<(), Self> {
        verdict.map_or(Ok(()), |message| Err(Self::known(message)))
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// Panics with a rule's message: in a `const` this is a compile error at the user's expression.
#[track_caller]
pub(crate) const fn demand(verdict: Option<&'static str>) {
    if let Some(message) = verdict {
        panic!("{}", message);
    }
}
