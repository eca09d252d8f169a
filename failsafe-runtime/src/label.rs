//! What a policy is called.

use crate::site::Declaration;
use std::fmt;
use std::sync::Arc;

/// The name of a policy, cheap to clone.
#[derive(Clone)]
pub(crate) enum Label {
    /// The name in a declaration, or the path of its function.
    Declared(&'static Declaration),
    /// A name given at run time.
    Given(Arc<String>),
    /// A policy nobody named.
    Unnamed(&'static &'static str),
}

impl Label {
    /// The name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Declared(declaration) => declaration.name(),
            Self::Given(name) => name,
            Self::Unnamed(policy) => policy,
        }
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.name(), f)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
