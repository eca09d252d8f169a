//! What a policy is called.

use crate::live::Mode;
use crate::site::Declaration;
use failsafe_config::PolicyConfig;
use std::fmt;
use std::sync::{Arc, OnceLock};

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

    /// Whether the policy acts. One that was built in code always does.
    #[inline]
    pub(crate) fn mode(&self) -> Mode {
        match self {
            Self::Declared(declaration) => declaration.mode(),
            Self::Given(_) | Self::Unnamed(_) => Mode::On,
        }
    }

    /// A call had no way out but the answer of this fallback.
    #[cold]
    pub(crate) fn is_only_way_out(&self) {
        if let Self::Declared(declaration) = self {
            declaration.found_closed();
        }
    }

    /// The configuration in force of a policy that has its own, or that of the declaration it refers
    /// to. What was built in code is not told anything.
    #[inline]
    pub(crate) fn config<'a, C>(&self, own: &'a C, referred: &'a OnceLock<C>) -> &'a C
    where
        C: PolicyConfig + Copy + PartialEq,
    {
        match self {
            Self::Declared(declaration) if !declaration.is_as_written() => {
                from_elsewhere(declaration, own, referred)
            }
            _ => own,
        }
    }

    /// The configuration in force where this one is written: the function knew it better than the
    /// declaration.
    #[inline]
    pub(crate) fn in_force<'a, C: PolicyConfig + PartialEq>(&self, written: &'a C) -> &'a C {
        match self {
            Self::Declared(declaration) => declaration.in_force(written),
            Self::Given(_) | Self::Unnamed(_) => written,
        }
    }
}

/// The configuration in force of a policy that is told one, or refers to one.
#[cold]
#[inline(never)]
fn from_elsewhere<'a, C: PolicyConfig + Copy + PartialEq>(
    declaration: &'static Declaration,
    own: &'a C,
    referred: &'a OnceLock<C>,
) -> &'a C {
    let written = if declaration.is_reference() {
        referred.get_or_init(|| declaration.written().copied().unwrap_or(*own))
    } else {
        own
    };
    declaration.in_force(written)
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
