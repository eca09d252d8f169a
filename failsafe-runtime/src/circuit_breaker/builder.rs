use super::instance::{Hearer, Instance};
use super::{CircuitBreaker, CircuitBreakerEvent, State, StateChanged};
use crate::building::{Parts, builds};
use crate::executor::conditions::ByOutcome;
use crate::judged::{IntoHandled, IntoTyped, TypedHooks, conditions, outcome_listeners};
use crate::label::Label;
use crate::source::Source;
use failsafe_config::{CircuitBreakerConfig, IntoDuration, IntoFailures, IntoSuccesses};
use std::sync::Arc;
use std::time::Duration;

/// Builds a [`CircuitBreaker`]; its methods are the options of `#[circuit_breaker]`.
#[must_use = "a builder does nothing until it builds"]
pub struct CircuitBreakerBuilder<H = ByOutcome> {
    parts: Parts<CircuitBreakerConfig>,
    listeners: Vec<Hearer>,
    origin: Option<Duration>,
    hooks: H,
}

impl CircuitBreakerBuilder {
    pub(super) fn new() -> Self {
        Self {
            parts: Parts::new(CircuitBreakerConfig::new()),
            listeners: Vec::new(),
            origin: None,
            hooks: ByOutcome::new(),
        }
    }
}

impl<H> CircuitBreakerBuilder<H> {
    /// When it opens: `5` (in a row), `"3/5"`, `"3 in 1m"`, `"20% of 5 in 1m"`, or the typed form.
    /// **Default**: 1.
    pub fn failures(mut self, failures: impl IntoFailures) -> Self {
        self.parts.set(failures.into_failures(), CircuitBreakerConfig::threshold);
        self
    }

    /// When a half-open breaker closes: `2` (in a row) or `"3/5"`. **Default**: the failure
    /// threshold decides.
    pub fn successes(mut self, successes: impl IntoSuccesses) -> Self {
        self.parts.set(successes.into_successes(), CircuitBreakerConfig::success_threshold);
        self
    }

    /// How long it stays open. **Default**: one minute.
    pub fn delay(mut self, delay: impl IntoDuration) -> Self {
        self.parts.set(delay.into_duration(), CircuitBreakerConfig::delay);
        self
    }

    /// Counts calls that take longer as failures; above zero. **Default**: none.
    pub fn slow(mut self, slow: impl IntoDuration) -> Self {
        let slow = slow.into_duration();
        self.parts.set_by(slow, CircuitBreakerConfig::slow_fault, CircuitBreakerConfig::slow);
        self
    }

    /// Computes how long to stay open from the outcome that opened it; `None`, and
    /// a rejection by a policy inside, use the delay.
    pub fn delay_with<R, D: Into<Option<Duration>>>(
        self,
        delay: impl Fn(&R) -> D + Send + Sync + 'static,
    ) -> CircuitBreakerBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.typed(|hooks| hooks.delay_with(move |outcome| delay(outcome).into()))
    }

    /// Adds a listener that is called after every change of state.
    pub fn on_state_changed(
        mut self,
        listener: impl Fn(&StateChanged) + Send + Sync + 'static,
    ) -> Self {
        self.listeners.push(Arc::new(listener));
        self
    }

    /// Adds a listener that is called after it opened.
    pub fn on_open(self, listener: impl Fn(&StateChanged) + Send + Sync + 'static) -> Self {
        self.on(State::Open, listener)
    }

    /// Adds a listener that is called after it half-opened.
    pub fn on_half_open(self, listener: impl Fn(&StateChanged) + Send + Sync + 'static) -> Self {
        self.on(State::HalfOpen, listener)
    }

    /// Adds a listener that is called after it closed.
    pub fn on_close(self, listener: impl Fn(&StateChanged) + Send + Sync + 'static) -> Self {
        self.on(State::Closed, listener)
    }

    /// Sets what its clock reads now, where the slices of a period must begin at known times.
    #[doc(hidden)]
    pub const fn clock_origin(mut self, origin: Duration) -> Self {
        self.origin = Some(origin);
        self
    }

    fn make(self, label: Label) -> CircuitBreaker<H> {
        let mut instance = Instance::new(label, self.parts.config, self.listeners);
        if let Some(origin) = self.origin {
            instance = instance.with_origin(origin);
            instance.start_clock();
        }
        CircuitBreaker { source: Source::Built(Arc::new(instance)), hooks: self.hooks }
    }

    fn on(self, state: State, listener: impl Fn(&StateChanged) + Send + Sync + 'static) -> Self {
        self.on_state_changed(move |change| {
            if change.to() == state {
                listener(change);
            }
        })
    }

    fn with_hooks<J>(self, change: impl FnOnce(H) -> J) -> CircuitBreakerBuilder<J> {
        let Self { parts, listeners, origin, hooks } = self;
        CircuitBreakerBuilder { parts, listeners, origin, hooks: change(hooks) }
    }
}

builds!(CircuitBreakerBuilder<H> => CircuitBreaker, "circuit_breaker", "breaker");
conditions!(CircuitBreakerBuilder);
outcome_listeners!(CircuitBreakerBuilder hears CircuitBreakerEvent);
