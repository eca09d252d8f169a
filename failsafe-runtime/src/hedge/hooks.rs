use super::event::HedgeEvent;
use crate::executor::conditions::{ByOutcome, Classify, Conditions};
use crate::listener::Hear;
use crate::outcome::{Flow, Outcome};
use std::fmt;
use std::time::Duration;

/// The user's part of a hedge: which outcomes end the race, when the next hedge starts, and who
/// hears of it.
pub trait Hooks<R> {
    /// Whether the outcome ends the race.
    fn is_final(&self, flow: &Flow<R>) -> bool;

    /// Where code says it: the delay before the next hedge, when so many have started; nothing, if
    /// no more shall.
    fn delay(&self, _hedges: u32) -> Option<Option<Duration>> {
        None
    }

    /// Whether anybody hears.
    fn is_heard(&self) -> bool {
        false
    }

    /// Hears of what happens.
    fn hear(&self, _event: &HedgeEvent<'_>) {}
}

impl<R, H: Hooks<R>> Hooks<R> for &H {
    fn is_final(&self, flow: &Flow<R>) -> bool {
        (**self).is_final(flow)
    }

    fn delay(&self, hedges: u32) -> Option<Option<Duration>> {
        (**self).delay(hedges)
    }

    fn is_heard(&self) -> bool {
        (**self).is_heard()
    }

    fn hear(&self, event: &HedgeEvent<'_>) {
        (**self).hear(event);
    }
}

/// Hooks made of the expressions in an attribute.
#[derive(Debug)]
pub struct Calls<F, D, L> {
    ends: F,
    delay: D,
    hear: L,
}

/// Makes hooks of the expressions in an attribute; the first argument tells the closures the type
/// of an outcome.
pub const fn calls<R, F, D, L>(_outcome: fn() -> R, ends: F, delay: D, hear: L) -> Calls<F, D, L>
where
    F: Fn(&Flow<R>) -> bool,
    D: Fn(u32) -> Option<Option<Duration>>,
    L: for<'e> Hear<HedgeEvent<'e>>,
{
    Calls { ends, delay, hear }
}

impl<R, F, D, L> Hooks<R> for Calls<F, D, L>
where
    F: Fn(&Flow<R>) -> bool,
    D: Fn(u32) -> Option<Option<Duration>>,
    L: for<'e> Hear<HedgeEvent<'e>>,
{
    fn is_final(&self, flow: &Flow<R>) -> bool {
        (self.ends)(flow)
    }

    fn delay(&self, hedges: u32) -> Option<Option<Duration>> {
        (self.delay)(hedges)
    }

    fn is_heard(&self) -> bool {
        self.hear.is_heard()
    }

    fn hear(&self, event: &HedgeEvent<'_>) {
        self.hear.hear(event);
    }
}

impl<R: Outcome> Hooks<R> for ByOutcome {
    fn is_final(&self, flow: &Flow<R>) -> bool {
        !Classify::is_failure(self, flow)
    }
}

/// Any outcome ends the race.
#[derive(Debug, Clone, Copy)]
pub struct ByAny(());

impl ByAny {
    pub(super) const fn new() -> Self {
        Self(())
    }
}

impl<R> Hooks<R> for ByAny {
    fn is_final(&self, _flow: &Flow<R>) -> bool {
        true
    }
}

/// Conditions over one return type.
pub struct TypedHooks<R>(pub(super) Conditions<R>);

impl<R> Hooks<R> for TypedHooks<R> {
    fn is_final(&self, flow: &Flow<R>) -> bool {
        self.0.is_failure(flow)
    }
}

/// Hooks that can become conditions over `R`.
pub trait IntoTyped<R> {
    /// The same hooks, over `R`.
    fn into_typed(self) -> TypedHooks<R>;
}

impl<R> IntoTyped<R> for ByOutcome {
    fn into_typed(self) -> TypedHooks<R> {
        TypedHooks(Conditions::none())
    }
}

impl<R> IntoTyped<R> for TypedHooks<R> {
    fn into_typed(self) -> Self {
        self
    }
}

impl<R> Clone for TypedHooks<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R> fmt::Debug for TypedHooks<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedHooks").field(&self.0).finish()
    }
}
