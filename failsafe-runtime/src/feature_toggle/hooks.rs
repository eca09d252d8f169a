use crate::attempt::Counters;
use crate::outcome::Flow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// What a listener of a feature toggle hears of a call that was turned away.
#[derive(Debug, Clone, Copy)]
pub struct FeatureToggleEvent<'a> {
    pub(super) name: &'a str,
    pub(super) switched_off: bool,
    pub(super) counters: Counters,
}

impl FeatureToggleEvent<'_> {
    /// The name of the toggle, or the path of its function.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// Whether the feature is switched off; otherwise a predicate said no.
    pub const fn is_switched_off(&self) -> bool {
        self.switched_off
    }

    /// Attempts the call has begun so far.
    pub const fn attempts(&self) -> u32 {
        self.counters.attempts
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        name == crate::events::What::Disabled.name()
    }
}

/// What a call returns that was turned away, if it is not a rejection.
pub trait Otherwise<R> {
    /// The value; `None` is a rejection.
    fn otherwise(&self) -> Option<R>;
}

/// A call that was turned away is rejected.
#[derive(Debug, Clone, Copy)]
pub struct Refuse;

impl<R> Otherwise<R> for Refuse {
    fn otherwise(&self) -> Option<R> {
        None
    }
}

/// A call that was turned away returns what a function makes.
pub struct Answer<R>(pub(super) Arc<dyn Fn() -> R + Send + Sync>);

impl<R> Otherwise<R> for Answer<R> {
    fn otherwise(&self) -> Option<R> {
        Some((self.0)())
    }
}

impl<R> Clone for Answer<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<R> fmt::Debug for Answer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

/// The place of an outcome: it carries the type from the body to the value written instead.
#[doc(hidden)]
#[derive(Debug)]
pub struct Slot<R>(PhantomData<fn() -> R>);

impl<R> Slot<R> {
    /// A place of a type that is still to be found.
    #[expect(clippy::new_without_default, reason = "generated code names it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// The outcome that is in it.
    ///
    /// # Errors
    ///
    /// The rejection that is in it.
    pub fn hold(&self, flow: Flow<R>) -> Flow<R> {
        flow
    }
}

/// The value written instead of an outcome.
#[doc(hidden)]
pub fn otherwise<R>(_slot: &Slot<R>, value: impl FnOnce() -> R) -> R {
    value()
}

/// Asks the predicate of an attribute.
#[doc(hidden)]
#[inline]
pub fn ask(when: impl FnOnce() -> bool) -> bool {
    when()
}
