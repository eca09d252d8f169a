use super::event::AdaptiveThrottlerEvent;
use crate::outcome::Flow;

/// The user's part of an adaptive throttler: what it judges by and whom it tells.
pub trait Hooks<R> {
    /// Whether the outcome is a failure.
    fn is_failure(&self, flow: &Flow<R>) -> bool;

    /// Whether anybody hears.
    fn is_heard(&self) -> bool {
        false
    }

    /// Hears of what happens to the calls that these hooks belong to.
    fn hear(&self, _event: &AdaptiveThrottlerEvent<'_, R>) {}
}

impl<R, H: Hooks<R>> Hooks<R> for &H {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        (**self).is_failure(flow)
    }

    fn is_heard(&self) -> bool {
        (**self).is_heard()
    }

    fn hear(&self, event: &AdaptiveThrottlerEvent<'_, R>) {
        (**self).hear(event);
    }
}

/// Hooks made of the expressions in an attribute.
#[derive(Debug)]
pub struct Calls<F, L> {
    failed: F,
    hear: Option<L>,
}

/// Makes hooks of the expressions in an attribute; the outcome tells the closures their types.
pub const fn calls<R, F, L>(_outcome: &Flow<R>, failed: F, hear: Option<L>) -> Calls<F, L>
where
    F: Fn(&Flow<R>) -> bool,
    L: Fn(&AdaptiveThrottlerEvent<'_, R>),
{
    Calls { failed, hear }
}

impl<R, F, L> Hooks<R> for Calls<F, L>
where
    F: Fn(&Flow<R>) -> bool,
    L: Fn(&AdaptiveThrottlerEvent<'_, R>),
{
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        (self.failed)(flow)
    }

    fn is_heard(&self) -> bool {
        self.hear.is_some()
    }

    fn hear(&self, event: &AdaptiveThrottlerEvent<'_, R>) {
        if let Some(hear) = &self.hear {
            hear(event);
        }
    }
}
