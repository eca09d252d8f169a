use super::AdaptiveThrottler;
use super::event::{AdaptiveThrottlerEvent, Listener as RefusalListener, ThrottledEvent};
use super::hooks::Hooks;
use super::instance::Instance;
use crate::executor::conditions::{ByOutcome, Classify, Conditions};
use crate::fault::{ConfigError, Faults};
use crate::label::Label;
use crate::outcome::{Flow, Outcome};
use crate::prioritizer::Prioritizer;
use crate::priority::{Caller, Level, Priority};
use crate::registry::Registry;
use crate::rejected::{Kind, Rejected};
use crate::source::Source;
use failsafe_config::{AdaptiveThrottlerConfig, IntoFailureRate, IntoMaxRejection};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Builds an [`AdaptiveThrottler`]; its methods are the options of `#[adaptive_throttler]`.
#[must_use = "a builder does nothing until it builds"]
pub struct AdaptiveThrottlerBuilder<H = ByOutcome> {
    parts: Parts,
    hooks: H,
}

/// What does not depend on a return type.
struct Parts {
    name: Option<String>,
    config: AdaptiveThrottlerConfig,
    faults: Faults,
    prioritizer: Option<Prioritizer>,
    caller: Caller,
    listeners: Vec<RefusalListener>,
    origin: Option<Duration>,
}

impl AdaptiveThrottlerBuilder {
    pub(super) const fn new() -> Self {
        let parts = Parts {
            name: None,
            config: AdaptiveThrottlerConfig::new(),
            faults: Faults::new(),
            prioritizer: None,
            caller: Caller::new(),
            listeners: Vec::new(),
            origin: None,
        };
        Self { parts, hooks: ByOutcome::new() }
    }
}

impl<H> AdaptiveThrottlerBuilder<H> {
    /// The name in events and rejections. A throttler with a name is listed in the registry in
    /// force; if that has one of the name already, that one stays listed.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.parts.name = Some(name.into());
        self
    }

    /// From which share of failures on it refuses calls: `"10%"`, `"10% in 1m"`,
    /// `"10% of 20 in 1m"`, `0.1`, or the typed form; below 100 %. **Default**: `"10% in 1m"`.
    pub fn failure_rate(mut self, rate: impl IntoFailureRate) -> Self {
        if let Some(rate) = self.parts.faults.note(rate.into_failure_rate()) {
            self.parts.config = self.parts.config.failure_rate(rate);
        }
        self
    }

    /// How large a share of the calls it refuses at most: `0.9` or `"90%"`. **Default**: 0.9.
    pub fn max_rejection(mut self, share: impl IntoMaxRejection) -> Self {
        if let Some(share) = self.parts.faults.note(share.into_max_rejection()) {
            self.parts.config = self.parts.config.max_rejection_share(share);
        }
        self
    }

    /// Refuses the less important calls first, by this prioritizer, which several policies can
    /// share. **Default**: all calls have the same chance.
    pub fn prioritizer(mut self, prioritizer: &Prioritizer) -> Self {
        self.parts.prioritizer = Some(prioritizer.clone());
        self
    }

    /// How important its calls are to the prioritizer. **Default**: what the [`Caller`] around a
    /// call says.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.parts.caller = self.parts.caller.priority(priority);
        self
    }

    /// The same, to the level. **Default**: what the [`Caller`] around a call says.
    pub fn level(mut self, level: impl Into<Level>) -> Self {
        self.parts.caller = self.parts.caller.level(level);
        self
    }

    /// For whom its calls are made. **Default**: what the [`Caller`] around a call says.
    pub fn user(mut self, user: impl ToString) -> Self {
        self.parts.caller = self.parts.caller.user(user);
        self
    }

    /// Adds a condition: these return values are failures. Conditions are OR-ed, and replace "any
    /// failure", rejections by policies inside included.
    pub fn handle_if<R>(
        self,
        test: impl Fn(&R) -> bool + Send + Sync + 'static,
    ) -> AdaptiveThrottlerBuilder<TypedHooks<R>>
    where
        H: IntoHandled<R>,
    {
        self.handled(|hooks| hooks.handle.add_outcome(test))
    }

    /// Adds a condition: these rejections by policies inside are failures.
    pub fn handle_rejected<R>(
        self,
        test: impl Fn(Kind) -> bool + Send + Sync + 'static,
    ) -> AdaptiveThrottlerBuilder<TypedHooks<R>>
    where
        H: IntoHandled<R>,
    {
        self.handle_rejection_if(move |rejected| test(rejected.kind()))
    }

    /// Adds a condition as [`handle_rejected`](Self::handle_rejected) does, over the whole
    /// rejection, its source included.
    pub fn handle_rejection_if<R>(
        self,
        test: impl Fn(&Rejected) -> bool + Send + Sync + 'static,
    ) -> AdaptiveThrottlerBuilder<TypedHooks<R>>
    where
        H: IntoHandled<R>,
    {
        self.handled(|hooks| hooks.handle.add_rejected(test))
    }

    /// Adds a listener that is called when a call is refused.
    pub fn on_throttled(
        mut self,
        listener: impl Fn(&ThrottledEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.parts.listeners.push(Arc::new(listener));
        self
    }

    /// Adds a listener that is called after each call that was judged a success.
    pub fn on_success<R>(
        self,
        listener: impl Fn(&AdaptiveThrottlerEvent<'_, R>) + Send + Sync + 'static,
    ) -> AdaptiveThrottlerBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.typed(|hooks| hooks.listeners.push(("success", Arc::new(listener))))
    }

    /// Adds a listener that is called after each call that was judged a failure.
    pub fn on_failure<R>(
        self,
        listener: impl Fn(&AdaptiveThrottlerEvent<'_, R>) + Send + Sync + 'static,
    ) -> AdaptiveThrottlerBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.typed(|hooks| hooks.listeners.push(("failure", Arc::new(listener))))
    }

    /// Sets what its clock reads now, where the slices of a period must begin at known times.
    #[doc(hidden)]
    pub const fn clock_origin(mut self, origin: Duration) -> Self {
        self.parts.origin = Some(origin);
        self
    }

    /// The throttler.
    ///
    /// # Panics
    ///
    /// When an option was given a value it cannot have; [`try_build`](Self::try_build) returns that
    /// as an error.
    #[track_caller]
    #[must_use]
    pub fn build(self) -> AdaptiveThrottler<H> {
        self.try_build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The throttler.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the options, at once.
    pub fn try_build(self) -> Result<AdaptiveThrottler<H>, ConfigError> {
        let Parts { name, config, faults, prioritizer, caller, listeners, origin } = self.parts;
        faults.verdict("adaptive_throttler")?;
        let unnamed = Label::Unnamed(&"adaptive_throttler");
        let label = name.clone().map_or(unnamed, |name| Label::Given(Arc::new(name)));
        let mut instance = Instance::new(label, config, listeners);
        if let Some(origin) = origin {
            instance = instance.with_origin(origin);
        }
        let instance = Arc::new(instance);
        if let Some(prioritizer) = &prioritizer {
            instance.join(prioritizer);
        }
        if let Some(name) = &name {
            Registry::with_current(|registry| {
                registry.adopt("adaptive_throttler", name, Arc::clone(&instance) as _);
            });
        }
        Ok(AdaptiveThrottler { source: Source::Built(instance), caller, hooks: self.hooks })
    }

    fn handled<R>(
        self,
        change: impl FnOnce(&mut TypedHooks<R>),
    ) -> AdaptiveThrottlerBuilder<TypedHooks<R>>
    where
        H: IntoHandled<R>,
    {
        let mut hooks = self.hooks.into_handled();
        change(&mut hooks);
        AdaptiveThrottlerBuilder { parts: self.parts, hooks }
    }

    fn typed<R>(
        self,
        change: impl FnOnce(&mut TypedHooks<R>),
    ) -> AdaptiveThrottlerBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        let mut hooks = self.hooks.into_typed();
        change(&mut hooks);
        AdaptiveThrottlerBuilder { parts: self.parts, hooks }
    }
}

impl<H> fmt::Debug for AdaptiveThrottlerBuilder<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdaptiveThrottlerBuilder")
            .field("name", &self.parts.name)
            .field("config", &self.parts.config)
            .finish_non_exhaustive()
    }
}

type Listener<R> = Arc<dyn Fn(&AdaptiveThrottlerEvent<'_, R>) + Send + Sync>;

/// Hooks over one return type.
pub struct TypedHooks<R> {
    handle: Conditions<R>,
    listeners: Vec<(&'static str, Listener<R>)>,
}

impl<R> Clone for TypedHooks<R> {
    fn clone(&self) -> Self {
        Self { handle: self.handle.clone(), listeners: self.listeners.clone() }
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
        TypedHooks { handle: Conditions::any_failure(), listeners: Vec::new() }
    }
}

impl<R> IntoTyped<R> for TypedHooks<R> {
    fn into_typed(self) -> Self {
        self
    }
}

impl<R> IntoHandled<R> for ByOutcome {
    fn into_handled(self) -> TypedHooks<R> {
        TypedHooks { handle: Conditions::none(), listeners: Vec::new() }
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

    fn is_heard(&self) -> bool {
        !self.listeners.is_empty()
    }

    fn hear(&self, event: &AdaptiveThrottlerEvent<'_, R>) {
        for (name, listener) in &self.listeners {
            if event.what().name() == *name {
                listener(event);
            }
        }
    }
}
