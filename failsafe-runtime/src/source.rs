//! Where the instance is that a handle of a stateful policy stands for.

#![expect(clippy::inline_always, reason = "a call across it costs more than the look")]

use crate::registry::Registry;
use crate::site::Declaration;
use crate::stateful::Stateful;
use std::sync::{Arc, OnceLock};

/// An instance that a declaration can make.
pub(crate) trait Declarable: Stateful + Sized {
    /// The instance of a declaration.
    fn of_declaration(declaration: &'static Declaration) -> Self;
}

/// Where an instance is that a call or a permit uses.
#[derive(Debug)]
pub(crate) enum Holder<'a, T> {
    /// It outlives the call.
    Borrowed(&'a T),
    /// Of a scoped registry.
    Shared(Arc<T>),
}

impl<T> Holder<'_, T> {
    /// The instance.
    #[inline(always)]
    pub(crate) fn get(&self) -> &T {
        match self {
            Self::Borrowed(instance) => instance,
            Self::Shared(instance) => instance,
        }
    }
}

/// The instance of a declaration, if it is found without looking for it.
#[inline]
pub(crate) fn at_hand<T: Declarable>(declaration: &'static Declaration) -> Option<&'static T> {
    if Registry::any_scope() {
        return None;
    }
    declaration.instance()?.downcast_ref()
}

/// The instance of a declaration: of the scoped registry, or the one of the process.
pub(crate) fn instance<T: Declarable>(declaration: &'static Declaration) -> Holder<'static, T> {
    let find =
        |registry: &Registry| registry.declared(declaration, || T::of_declaration(declaration));
    if let Some(registry) = Registry::scoped() {
        return Holder::Shared(find(&registry));
    }
    let cell = &declaration.found().instance;
    let found = cell.get_or_init(|| Registry::with_current(find));
    match found.downcast_ref() {
        Some(instance) => Holder::Borrowed(instance),
        // It cannot be of another type: a declaration is of one policy.
        None => Holder::Shared(Registry::with_current(find)),
    }
}

/// The instance that a handle stands for, or how to find it.
pub(crate) enum Source<T> {
    /// As an attribute or `policy!` declares it: found in the registry by its name.
    Declared(&'static Declaration, OnceLock<Arc<T>>),
    /// Made in code.
    Built(Arc<T>),
}

/// A clone shares the instance.
impl<T: Declarable> Clone for Source<T> {
    fn clone(&self) -> Self {
        Self::Built(self.share())
    }
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

    /// The instance for a call.
    #[inline(always)]
    pub(crate) fn hold(&self) -> Holder<'_, T> {
        self.at_hand().map_or_else(|| Holder::Shared(self.share()), Holder::Borrowed)
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

/// What every handle of a policy with state tells of its instance.
macro_rules! handle {
    ($policy:ident $(<$hooks:ident>)?, $config:ty) => {
        impl $(<$hooks>)? $policy $(<$hooks>)? {
            /// Its name: the one it was given, or the path of the function it stands on.
            pub fn name(&self) -> String {
                self.source.look(|instance| $crate::stateful::Stateful::name(instance).to_owned())
            }

            /// What it was told.
            pub fn config(&self) -> $config {
                self.source.look(|instance| *instance.config())
            }
        }

        impl $crate::source::Declarable for Instance {
            fn of_declaration(declaration: &'static $crate::site::Declaration) -> Self {
                Self::declared(declaration)
            }
        }

        impl $(<$hooks>)? std::fmt::Debug for $policy $(<$hooks>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.source.look(|instance| std::fmt::Debug::fmt(instance, f))
            }
        }
    };
}

pub(crate) use handle;
