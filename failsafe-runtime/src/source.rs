//! Where the instance is that a handle of a stateful policy stands for.

use crate::registry::Registry;
use crate::site::Declaration;
use crate::stateful::Stateful;
use std::sync::{Arc, OnceLock};

/// An instance that a declaration can make.
pub(crate) trait Declarable: Stateful + Sized {
    /// The instance of a declaration.
    fn of_declaration(declaration: &'static Declaration) -> Self;
}

/// The instance that a handle stands for, or how to find it.
pub(crate) enum Source<T> {
    /// As an attribute or `policy!` declares it: found in the registry by its name.
    Declared(&'static Declaration, OnceLock<Arc<T>>),
    /// Made in code.
    Built(Arc<T>),
}

impl<T: Declarable> Source<T> {
    /// The instance, if it is found without looking for it.
    // A call across it costs more than the look; without optimisation it is the code that costs.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn at_hand(&self) -> Option<&T> {
        match self {
            Self::Built(instance) => Some(instance),
            Self::Declared(_, cell) if !Registry::any_scope() => cell.get().map(|found| &**found),
            Self::Declared(..) => None,
        }
    }

    /// The instance: of the scoped registry, or the one of the process.
    pub(crate) fn share(&self) -> Arc<T> {
        let (declaration, cell) = match self {
            Self::Built(instance) => return Arc::clone(instance),
            Self::Declared(declaration, cell) => (*declaration, cell),
        };
        let find =
            |registry: &Registry| registry.declared(declaration, || T::of_declaration(declaration));
        match Registry::scoped() {
            Some(registry) => find(&registry),
            None => Arc::clone(cell.get_or_init(|| Registry::with_current(find))),
        }
    }

    /// Looks at the instance.
    #[inline]
    pub(crate) fn look<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        match self.at_hand() {
            Some(instance) => look(instance),
            None => look(&self.share()),
        }
    }
}
