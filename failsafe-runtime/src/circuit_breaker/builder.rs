use super::hooks::{CircuitBreakerEvent, Hooks};
use super::instance::Instance;
use super::listeners::Hearer;
use super::metrics::StateChanged;
use super::{CircuitBreaker, State};
use crate::executor::conditions::{ByOutcome, Classify, Conditions};
use crate::fault::{ConfigError, Faults};
use crate::label::Label;
use crate::outcome::{Flow, Outcome};
use crate::registry::Registry;
use crate::rejected::{Kind, Rejected};
use crate::source::Source;
use failsafe_config::{CircuitBreakerConfig, Fault, IntoDuration, IntoFailures, IntoSuccesses};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Builds a [`CircuitBreaker`]; its methods are the options of `#[circuit_breaker]`.
#[must_use = "a builder does nothing until it builds"]
pub struct CircuitBreakerBuilder<H = ByOutcome> {
    name: Option<String>,
    config: CircuitBreakerConfig,
    faults: Faults,
    listeners: Vec<Hearer>,
    origin: Option<Duration>,
    hooks: H,
}

impl CircuitBreakerBuilder {
    pub(super) fn new() -> Self {
        Self {
            name: None,
            config: CircuitBreakerConfig::new(),
            faults: Faults::new(),
            listeners: Vec::new(),
            origin: None,
            hooks: ByOutcome::new(),
        }
    }
}

impl<H> CircuitBreakerBuilder<H> {
    /// The name in events and rejections. A breaker with a name is listed in the registry in force;
    /// if that has one of the name already, that one stays listed.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// When it opens: `5` (in a row), `"3/5"`, `"3 in 1m"`, `"20% of 5 in 1m"`, or the typed form.
    /// **Default**: 1.
    pub fn failures(mut self, failures: impl IntoFailures) -> Self {
        if let Some(failures) = self.faults.note(failures.into_failures()) {
            self.config = self.config.threshold(failures);
        }
        self
    }

    /// When a half-open breaker closes: `2` (in a row) or `"3/5"`. **Default**: the failure
    /// threshold decides.
    pub fn successes(mut self, successes: impl IntoSuccesses) -> Self {
        if let Some(successes) = self.faults.note(successes.into_successes()) {
            self.config = self.config.success_threshold(successes);
        }
        self
    }

    /// How long it stays open. **Default**: one minute.
    pub fn delay(mut self, delay: impl IntoDuration) -> Self {
        if let Some(delay) = self.faults.note(delay.into_duration()) {
            self.config = self.config.delay(delay);
        }
        self
    }

    /// Counts calls that take longer as failures; above zero. **Default**: none.
    pub fn slow(mut self, slow: impl IntoDuration) -> Self {
        let slow = slow.into_duration().and_then(|slow| {
            Fault::from_verdict(CircuitBreakerConfig::slow_fault(slow)).map(|()| slow)
        });
        if let Some(slow) = self.faults.note(slow) {
            self.config = self.config.slow(slow);
        }
        self
    }

    /// Adds a condition: these return values are failures. Conditions are OR-ed, and replace "any
    /// failure", rejections by policies inside included.
    pub fn handle_if<R>(
        self,
        test: impl Fn(&R) -> bool + Send + Sync + 'static,
    ) -> CircuitBreakerBuilder<TypedHooks<R>>
    where
        H: IntoHandled<R>,
    {
        self.handled(|hooks| hooks.handle.add_outcome(test))
    }

    /// Adds a condition: these rejections by policies inside are failures.
    pub fn handle_rejected<R>(
        self,
        test: impl Fn(Kind) -> bool + Send + Sync + 'static,
    ) -> CircuitBreakerBuilder<TypedHooks<R>>
    where
        H: IntoHandled<R>,
    {
        self.handled(|hooks| {
            hooks.handle.add_rejected(move |rejected: &Rejected| test(rejected.kind()));
        })
    }

    /// Adds a condition as [`handle_rejected`](Self::handle_rejected) does, over the whole
    /// rejection, its source included.
    pub fn handle_rejection_if<R>(
        self,
        test: impl Fn(&Rejected) -> bool + Send + Sync + 'static,
    ) -> CircuitBreakerBuilder<TypedHooks<R>>
    where
        H: IntoHandled<R>,
    {
        self.handled(|hooks| hooks.handle.add_rejected(test))
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
        self.typed(|hooks| hooks.delay = Some(Arc::new(move |outcome| delay(outcome).into())))
    }

    /// Adds a listener that is called after each call that was judged a success.
    pub fn on_success<R>(
        self,
        listener: impl Fn(&CircuitBreakerEvent<'_, R>) + Send + Sync + 'static,
    ) -> CircuitBreakerBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.typed(|hooks| hooks.listeners.push(("success", Arc::new(listener))))
    }

    /// Adds a listener that is called after each call that was judged a failure.
    pub fn on_failure<R>(
        self,
        listener: impl Fn(&CircuitBreakerEvent<'_, R>) + Send + Sync + 'static,
    ) -> CircuitBreakerBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.typed(|hooks| hooks.listeners.push(("failure", Arc::new(listener))))
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

    /// The breaker.
    ///
    /// # Panics
    ///
    /// When an option was given a value it cannot have; [`try_build`](Self::try_build) returns that
    /// as an error.
    #[track_caller]
    #[must_use]
    pub fn build(self) -> CircuitBreaker<H> {
        self.try_build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The breaker.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the options, at once.
    pub fn try_build(self) -> Result<CircuitBreaker<H>, ConfigError> {
        self.faults.verdict("circuit_breaker")?;
        let label = self
            .name
            .clone()
            .map_or(Label::Unnamed(&"circuit_breaker"), |name| Label::Given(Arc::new(name)));
        let mut instance = Instance::new(label, self.config, self.listeners);
        if let Some(origin) = self.origin {
            instance = instance.with_origin(origin);
            instance.start_clock();
        }
        let instance = Arc::new(instance);
        if let Some(name) = &self.name {
            Registry::with_current(|registry| {
                registry.adopt("circuit_breaker", name, Arc::clone(&instance) as _);
            });
        }
        Ok(CircuitBreaker { source: Source::Built(instance), hooks: self.hooks })
    }

    fn on(self, state: State, listener: impl Fn(&StateChanged) + Send + Sync + 'static) -> Self {
        self.on_state_changed(move |change| {
            if change.to() == state {
                listener(change);
            }
        })
    }

    fn handled<R>(
        self,
        change: impl FnOnce(&mut TypedHooks<R>),
    ) -> CircuitBreakerBuilder<TypedHooks<R>>
    where
        H: IntoHandled<R>,
    {
        self.with_hooks(|hooks| {
            let mut hooks = hooks.into_handled();
            change(&mut hooks);
            hooks
        })
    }

    fn typed<R>(
        self,
        change: impl FnOnce(&mut TypedHooks<R>),
    ) -> CircuitBreakerBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.with_hooks(|hooks| {
            let mut hooks = hooks.into_typed();
            change(&mut hooks);
            hooks
        })
    }

    fn with_hooks<J>(self, change: impl FnOnce(H) -> J) -> CircuitBreakerBuilder<J> {
        let Self { name, config, faults, listeners, origin, hooks } = self;
        CircuitBreakerBuilder { name, config, faults, listeners, origin, hooks: change(hooks) }
    }
}

impl<H> fmt::Debug for CircuitBreakerBuilder<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreakerBuilder")
            .field("name", &self.name)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

type DelayFn<R> = Arc<dyn Fn(&R) -> Option<Duration> + Send + Sync>;
type Listener<R> = Arc<dyn Fn(&CircuitBreakerEvent<'_, R>) + Send + Sync>;

/// Hooks over one return type.
pub struct TypedHooks<R> {
    handle: Conditions<R>,
    delay: Option<DelayFn<R>>,
    listeners: Vec<(&'static str, Listener<R>)>,
}

impl<R> TypedHooks<R> {
    const fn new(handle: Conditions<R>) -> Self {
        Self { handle, delay: None, listeners: Vec::new() }
    }
}

impl<R> Clone for TypedHooks<R> {
    fn clone(&self) -> Self {
        let Self { handle, delay, listeners } = self;
        Self { handle: handle.clone(), delay: delay.clone(), listeners: listeners.clone() }
    }
}

/// Hooks that can become hooks over `R`.
pub trait IntoTyped<R> {
    /// The same hooks, over `R`.
    fn into_typed(self) -> TypedHooks<R>;
}

/// Hooks that can become hooks over `R` by a condition, so that `R` need not tell by itself what a
/// failure is.
pub trait IntoHandled<R> {
    /// The same hooks, over `R`.
    fn into_handled(self) -> TypedHooks<R>;
}

impl<R: Outcome> IntoTyped<R> for ByOutcome {
    fn into_typed(self) -> TypedHooks<R> {
        TypedHooks::new(Conditions::any_failure())
    }
}

impl<R> IntoTyped<R> for TypedHooks<R> {
    fn into_typed(self) -> Self {
        self
    }
}

impl<R> IntoHandled<R> for ByOutcome {
    fn into_handled(self) -> TypedHooks<R> {
        TypedHooks::new(Conditions::none())
    }
}

impl<R> IntoHandled<R> for TypedHooks<R> {
    fn into_handled(self) -> Self {
        self
    }
}

impl<R: Outcome> Hooks<R> for ByOutcome {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        Classify::is_failure(self, flow)
    }
}

impl<R> Classify<R> for TypedHooks<R> {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        self.handle.is_failure(flow)
    }
}

impl<R> Hooks<R> for TypedHooks<R> {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        self.handle.is_failure(flow)
    }

    fn delay(&self, flow: &Flow<R>) -> Option<Duration> {
        self.delay.as_ref().zip(flow.as_ref().ok()).and_then(|(delay, outcome)| delay(outcome))
    }

    fn is_heard(&self) -> bool {
        !self.listeners.is_empty()
    }

    fn hear(&self, event: &CircuitBreakerEvent<'_, R>) {
        for (name, listener) in &self.listeners {
            if event.what().name() == *name {
                listener(event);
            }
        }
    }
}
