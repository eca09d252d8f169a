use crate::attempt::Counters;
use crate::events::What;
use crate::outcome::Flow;
use crate::typed::Judge;
use std::fmt;
use std::time::Duration;

/// What a listener of a circuit breaker hears of one call.
pub struct CircuitBreakerEvent<'a, R> {
    pub(super) name: &'a str,
    pub(super) what: What,
    pub(super) counters: Counters,
    pub(super) outcome: &'a Flow<R>,
}

impl<R> CircuitBreakerEvent<'_, R> {
    /// The name of the breaker.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// What happened: `Success` or `Failure`.
    pub const fn what(&self) -> What {
        self.what
    }

    /// Attempts the call has begun so far.
    pub const fn attempts(&self) -> u32 {
        self.counters.attempts
    }

    /// Retries the call has begun so far.
    pub const fn retries(&self) -> u32 {
        self.counters.retries
    }

    /// The outcome of the call.
    pub const fn outcome(&self) -> &Flow<R> {
        self.outcome
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        self.what.name() == name
    }
}

impl<R> fmt::Debug for CircuitBreakerEvent<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreakerEvent")
            .field("name", &self.name)
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

/// The user's part of a circuit breaker: what it judges by and whom it tells.
pub trait Hooks<R> {
    /// Whether the outcome is a failure.
    fn is_failure(&self, flow: &Flow<R>) -> bool;

    /// How long to stay open, computed from the outcome that opened it, if it is.
    fn delay(&self, _flow: &Flow<R>) -> Option<Duration> {
        None
    }

    /// Whether anybody hears.
    fn is_heard(&self) -> bool {
        false
    }

    /// Hears of what happens to the calls that these hooks belong to.
    fn hear(&self, _event: &CircuitBreakerEvent<'_, R>) {}
}

impl<R, H: Hooks<R>> Hooks<R> for &H {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        (**self).is_failure(flow)
    }

    fn delay(&self, flow: &Flow<R>) -> Option<Duration> {
        (**self).delay(flow)
    }

    fn is_heard(&self) -> bool {
        (**self).is_heard()
    }

    fn hear(&self, event: &CircuitBreakerEvent<'_, R>) {
        (**self).hear(event);
    }
}

/// Hooks made of the expressions in an attribute.
#[derive(Debug)]
pub struct Calls<F, D, L> {
    failed: F,
    delay: D,
    hear: Option<L>,
}

/// Makes hooks of the expressions in an attribute; the outcome tells the closures their types.
pub const fn calls<R, F, D, L>(
    _outcome: &Flow<R>,
    failed: F,
    delay: D,
    hear: Option<L>,
) -> Calls<F, D, L>
where
    F: Fn(&Flow<R>) -> bool,
    D: Fn(&Flow<R>) -> Option<Duration>,
    L: Fn(&CircuitBreakerEvent<'_, R>),
{
    Calls { failed, delay, hear }
}

impl<R, F, D, L> Hooks<R> for Calls<F, D, L>
where
    F: Fn(&Flow<R>) -> bool,
    D: Fn(&Flow<R>) -> Option<Duration>,
    L: Fn(&CircuitBreakerEvent<'_, R>),
{
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        (self.failed)(flow)
    }

    fn delay(&self, flow: &Flow<R>) -> Option<Duration> {
        (self.delay)(flow)
    }

    fn is_heard(&self) -> bool {
        self.hear.is_some()
    }

    fn hear(&self, event: &CircuitBreakerEvent<'_, R>) {
        if let Some(hear) = &self.hear {
            hear(event);
        }
    }
}

/// Hooks of an attribute that says nothing of failures: the return type answers.
#[derive(Debug)]
pub struct Plain<J>(J);

/// Makes hooks of what a return type answers.
pub const fn plain<J>(judge: J) -> Plain<J> {
    Plain(judge)
}

impl<R, J: Judge<R>> Hooks<R> for Plain<J> {
    #[inline]
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        flow.as_ref().map_or(true, |outcome| self.0.failed(outcome))
    }
}
