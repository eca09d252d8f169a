use super::Retry;
use super::event::RetryEvent;
use super::hooks::Hooks;
use crate::budget::Budget;
use crate::executor::conditions::{ByOutcome, Classify, Conditions};
use crate::fault::{ConfigError, Faults};
use crate::judged::conditions;
use crate::label::Label;
use crate::outcome::{Flow, Outcome};
use crate::rejected::Rejected;
use failsafe_config::{Exhausted, Fault, IntoDuration, IntoDurationRange, RetryConfig};
use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Builds a [`Retry`]; its methods are the options of `#[retry]`.
#[derive(Debug)]
#[must_use = "a builder does nothing until it builds"]
pub struct RetryBuilder<H = ByOutcome> {
    label: Label,
    config: RetryConfig,
    faults: Faults,
    budget: Option<Budget>,
    hooks: H,
}

impl RetryBuilder {
    pub(super) const fn new() -> Self {
        Self {
            label: Label::Unnamed(&"retry"),
            config: RetryConfig::new(),
            faults: Faults::new(),
            budget: None,
            hooks: ByOutcome::new(),
        }
    }
}

impl<H> RetryBuilder<H> {
    /// The name in events and rejections.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.label = Label::Given(Arc::new(name.into()));
        self
    }

    /// At most this many retries after the first attempt. **Default**: 2.
    pub const fn max(mut self, retries: u32) -> Self {
        self.config = self.config.max(retries);
        self
    }

    /// Retries without end.
    pub const fn unlimited(mut self) -> Self {
        self.config = self.config.unlimited();
        self
    }

    /// At most this many attempts in all, the first one included; at least 1. **Default**: 3.
    pub fn attempts(mut self, attempts: u32) -> Self {
        let fault = Fault::from_verdict(RetryConfig::attempts_fault(attempts));
        if self.faults.note(fault).is_some() {
            self.config = self.config.attempts(attempts);
        }
        self
    }

    /// The time before each retry. **Default**: none.
    pub fn delay(mut self, delay: impl IntoDuration) -> Self {
        if let Some(delay) = self.faults.note(delay.into_duration()) {
            self.config = self.config.delay(delay);
        }
        self
    }

    /// The first and the longest delay; each is longer than the last by the factor.
    pub fn backoff(mut self, range: impl IntoDurationRange) -> Self {
        let range = range.into_range().and_then(|(first, max)| {
            Fault::from_verdict(RetryConfig::backoff_fault(first, max)).map(|()| (first, max))
        });
        if let Some((first, max)) = self.faults.note(range) {
            self.config = self.config.backoff(first, max);
        }
        self
    }

    /// How fast a backoff grows; above 0. **Default**: 2.
    pub fn factor(mut self, factor: f64) -> Self {
        if self.faults.note(Fault::from_verdict(RetryConfig::factor_fault(factor))).is_some() {
            self.config = self.config.factor(factor);
        }
        self
    }

    /// A delay between the two, uniformly at random; with an end at zero there is none.
    pub fn random_delay(mut self, range: impl IntoDurationRange) -> Self {
        let range = range.into_range().and_then(|(min, max)| {
            Fault::from_verdict(RetryConfig::random_delay_fault(min, max)).map(|()| (min, max))
        });
        if let Some((min, max)) = self.faults.note(range) {
            self.config = self.config.random_delay(min, max);
        }
        self
    }

    /// Varies each delay by up to this time to either side; replaces a jitter factor.
    pub fn jitter(mut self, jitter: impl IntoDuration) -> Self {
        if let Some(jitter) = self.faults.note(jitter.into_duration()) {
            self.config = self.config.jitter(jitter);
        }
        self
    }

    /// Varies each delay by up to this share of it, from 0 to 1, to either side; replaces a jitter.
    pub fn jitter_factor(mut self, factor: f64) -> Self {
        let fault = Fault::from_verdict(RetryConfig::jitter_factor_fault(factor));
        if self.faults.note(fault).is_some() {
            self.config = self.config.jitter_factor(factor);
        }
        self
    }

    /// A failure at or after this long since the start of the call is the last, and delays are cut
    /// to fit. **Default**: no limit.
    pub fn max_duration(mut self, max: impl IntoDuration) -> Self {
        let max = max.into_duration().and_then(|max| {
            Fault::from_verdict(RetryConfig::max_duration_fault(max)).map(|()| max)
        });
        if let Some(max) = self.faults.note(max) {
            self.config = self.config.max_duration(max);
        }
        self
    }

    /// What to return when the retries have run out. **Default**: the last outcome. The rejection
    /// that [`Exhausted::Error`] stands for has no source where the last outcome was the function's
    /// own; [`exhausted_with`](Self::exhausted_with) gives it one.
    pub const fn exhausted(mut self, exhausted: Exhausted) -> Self {
        self.config = self.config.exhausted(exhausted);
        self
    }

    /// Returns a rejection of kind [`Kind::RetriesExceeded`](crate::Kind::RetriesExceeded) when the
    /// retries have run out; its source is what the function makes of the last outcome.
    ///
    /// ```
    /// # use failsafe_runtime::{self as failsafe, Kind, Rejected, Retry};
    /// # use std::{error::Error as _, io, sync::Arc};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let retry = Retry::builder()
    ///     .exhausted_with(|last: io::Result<u32>| last.err().map(|error| Arc::new(error) as _))
    ///     .build();
    /// let result = failsafe::with(retry).try_run(|| async { Err(io::Error::other("down")) }).await;
    /// let rejected = result.unwrap_err();
    /// assert_eq!(rejected.kind(), Kind::RetriesExceeded);
    /// assert_eq!(rejected.source().unwrap().to_string(), "down");
    /// # }
    /// ```
    pub fn exhausted_with<R>(
        mut self,
        source: impl Fn(R) -> Option<Arc<dyn Error + Send + Sync>> + Send + Sync + 'static,
    ) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.config = self.config.exhausted(Exhausted::Error);
        self.source_with(source)
    }

    /// The budget that each retry asks for a permit; clones of it share their state. **Default**:
    /// none. A refusal is a rejection of kind [`Kind::BudgetExceeded`](crate::Kind::BudgetExceeded),
    /// which has no source where the last outcome was the function's own;
    /// [`source_with`](Self::source_with) gives it one.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// What a rejection by this retry has as its source: what the function makes of the last
    /// outcome.
    ///
    /// ```
    /// # use failsafe_runtime::{self as failsafe, Budget, Retry};
    /// # use std::{error::Error as _, io, sync::Arc};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let budget = Budget::builder().max_rate(0.0).min_concurrency(1).build();
    /// let busy = budget.try_acquire();
    /// let retry = Retry::builder()
    ///     .budget(budget)
    ///     .source_with(|last: io::Result<u32>| last.err().map(|error| Arc::new(error) as _))
    ///     .build();
    /// let result = failsafe::with(retry).try_run(|| async { Err(io::Error::other("down")) }).await;
    /// assert_eq!(result.unwrap_err().source().unwrap().to_string(), "down");
    /// # }
    /// ```
    pub fn source_with<R>(
        self,
        source: impl Fn(R) -> Option<Arc<dyn Error + Send + Sync>> + Send + Sync + 'static,
    ) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.typed(|hooks| hooks.source = Some(Arc::new(source)))
    }

    /// Adds an abort condition: these failures end the retries at once.
    pub fn abort_if<R>(
        self,
        test: impl Fn(&R) -> bool + Send + Sync + 'static,
    ) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.typed(|hooks| hooks.abort.add_outcome(test))
    }

    /// Adds an abort condition: these rejections by policies inside, if they are failures, end the
    /// retries at once.
    pub fn abort_rejection_if<R>(
        self,
        test: impl Fn(&Rejected) -> bool + Send + Sync + 'static,
    ) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.typed(|hooks| hooks.abort.add_rejected(test))
    }

    /// Computes the delay from the outcome; `None`, and
    /// a rejection by a policy inside, use the configured one.
    pub fn delay_with<R, D: Into<Option<Duration>>>(
        self,
        delay: impl Fn(&R) -> D + Send + Sync + 'static,
    ) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.typed(|hooks| hooks.delay = Some(Arc::new(move |outcome| delay(outcome).into())))
    }

    /// Adds a listener of all that happens: [`RetryEvent::what`] tells what it was.
    pub fn on_event<R>(
        self,
        listener: impl Fn(&RetryEvent<'_, R>) + Send + Sync + 'static,
    ) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.typed(|hooks| hooks.listeners.push(Arc::new(listener)))
    }

    /// Adds a listener that is called when a delay begins, with its length.
    pub fn on_retry_scheduled<R>(
        self,
        listener: impl Fn(&RetryEvent<'_, R>) + Send + Sync + 'static,
    ) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.on("retry_scheduled", listener)
    }

    /// Adds a listener that is called before each retry.
    pub fn on_retry<R>(
        self,
        listener: impl Fn(&RetryEvent<'_, R>) + Send + Sync + 'static,
    ) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.on("retry", listener)
    }

    /// Adds a listener that is called when an abort condition ends the retries.
    pub fn on_abort<R>(
        self,
        listener: impl Fn(&RetryEvent<'_, R>) + Send + Sync + 'static,
    ) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.on("abort", listener)
    }

    /// Adds a listener that is called when the retries have run out.
    pub fn on_retries_exceeded<R>(
        self,
        listener: impl Fn(&RetryEvent<'_, R>) + Send + Sync + 'static,
    ) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.on("retries_exceeded", listener)
    }

    /// Adds a listener that is called when the budget refused a retry.
    pub fn on_budget_exceeded<R>(
        self,
        listener: impl Fn(&RetryEvent<'_, R>) + Send + Sync + 'static,
    ) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.on("budget_exceeded", listener)
    }

    /// Adds a listener that is called after each successful attempt.
    pub fn on_success<R>(
        self,
        listener: impl Fn(&RetryEvent<'_, R>) + Send + Sync + 'static,
    ) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.on("success", listener)
    }

    /// Adds a listener that is called after each failed attempt.
    pub fn on_failure<R>(
        self,
        listener: impl Fn(&RetryEvent<'_, R>) + Send + Sync + 'static,
    ) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.on("failure", listener)
    }

    /// The retry.
    ///
    /// # Panics
    ///
    /// When an option was given a value it cannot have; [`try_build`](Self::try_build) returns that
    /// as an error.
    #[track_caller]
    #[must_use]
    pub fn build(self) -> Retry<H> {
        self.try_build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The retry.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the options, at once.
    pub fn try_build(self) -> Result<Retry<H>, ConfigError> {
        self.faults.verdict("retry")?;
        let Self { label, config, budget, hooks, .. } = self;
        Ok(Retry { label, config, referred: OnceLock::new(), budget, hooks })
    }

    fn on<R>(
        self,
        event: &'static str,
        listener: impl Fn(&RetryEvent<'_, R>) + Send + Sync + 'static,
    ) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.on_event(move |heard| {
            if heard.what().name() == event {
                listener(heard);
            }
        })
    }

    fn typed<R>(self, change: impl FnOnce(&mut TypedHooks<R>)) -> RetryBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.with_hooks(|hooks| {
            let mut hooks = hooks.into_typed();
            change(&mut hooks);
            hooks
        })
    }

    fn with_hooks<J>(self, change: impl FnOnce(H) -> J) -> RetryBuilder<J> {
        let Self { label, config, faults, budget, hooks } = self;
        RetryBuilder { label, config, faults, budget, hooks: change(hooks) }
    }
}

conditions!(RetryBuilder);

type DelayFn<R> = Arc<dyn Fn(&R) -> Option<Duration> + Send + Sync>;
type Listener<R> = Arc<dyn Fn(&RetryEvent<'_, R>) + Send + Sync>;
type SourceFn<R> = Arc<dyn Fn(R) -> Option<Arc<dyn Error + Send + Sync>> + Send + Sync>;

/// Hooks over one return type.
pub struct TypedHooks<R> {
    handle: Conditions<R>,
    abort: Conditions<R>,
    delay: Option<DelayFn<R>>,
    source: Option<SourceFn<R>>,
    listeners: Vec<Listener<R>>,
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

impl<R> TypedHooks<R> {
    fn new(handle: Conditions<R>) -> Self {
        let abort = Conditions::none();
        Self { handle, abort, delay: None, source: None, listeners: Vec::new() }
    }
}

impl<R: Outcome> IntoTyped<R> for ByOutcome {
    fn into_typed(self) -> TypedHooks<R> {
        TypedHooks::new(Conditions::any_failure())
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

impl<R> IntoTyped<R> for TypedHooks<R> {
    fn into_typed(self) -> Self {
        self
    }
}

impl<R: Outcome> Hooks<R> for ByOutcome {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        Classify::is_failure(self, flow)
    }
}

impl<R> Hooks<R> for TypedHooks<R> {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        self.handle.is_failure(flow)
    }

    fn aborts(&self, flow: &Flow<R>) -> bool {
        self.abort.is_failure(flow)
    }

    fn delay(&self, flow: &Flow<R>) -> Option<Duration> {
        self.delay.as_ref().zip(flow.as_ref().ok()).and_then(|(delay, outcome)| delay(outcome))
    }

    fn source(&self, outcome: R) -> Option<Arc<dyn Error + Send + Sync>> {
        self.source.as_ref().and_then(|source| source(outcome))
    }

    fn is_heard(&self) -> bool {
        !self.listeners.is_empty()
    }

    fn hear(&self, event: &RetryEvent<'_, R>) {
        self.listeners.iter().for_each(|listener| listener(event));
    }
}

impl<R> fmt::Debug for TypedHooks<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedHooks").field("handle", &self.handle).finish_non_exhaustive()
    }
}
