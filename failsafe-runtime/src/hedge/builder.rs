use super::Hedge;
use super::event::{HedgeEvent, Listener};
use super::hooks::{ByAny, IntoTyped, TypedHooks};
use super::instance::{DelayFn, Instance};
use crate::budget::Budget;
use crate::executor::conditions::{ByOutcome, Conditions};
use crate::fault::{ConfigError, Faults};
use crate::label::Label;
use crate::registry::Registry;
use crate::rejected::{Kind, Rejected};
use crate::source::Source;
use failsafe_config::{Fault, HedgeConfig, IntoDuration, IntoQuantile};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Builds a [`Hedge`]; its methods are the options of `#[hedge]`.
#[must_use = "a builder does nothing until it builds"]
pub struct HedgeBuilder<H = ByOutcome> {
    name: Option<String>,
    config: HedgeConfig,
    faults: Faults,
    delay: Option<DelayFn>,
    budget: Option<Budget>,
    listeners: Vec<Listener>,
    hooks: H,
}

impl HedgeBuilder {
    const fn new(faults: Faults, config: HedgeConfig, delay: Option<DelayFn>) -> Self {
        Self {
            name: None,
            config,
            faults,
            delay,
            budget: None,
            listeners: Vec::new(),
            hooks: ByOutcome::new(),
        }
    }

    pub(super) fn fixed(delay: impl IntoDuration) -> Self {
        let mut faults = Faults::new();
        let config = HedgeConfig::new();
        let delay = faults.note(delay.into_duration());
        Self::new(faults, delay.map_or(config, |delay| config.delay(delay)), None)
    }

    pub(super) fn quantile(quantile: impl IntoQuantile) -> Self {
        let mut faults = Faults::new();
        let config = HedgeConfig::new();
        let quantile = faults.note(quantile.into_quantile());
        Self::new(faults, quantile.map_or(config, |quantile| config.quantile(quantile)), None)
    }

    pub(super) fn computed<D: Into<Option<Duration>>>(
        delay: impl Fn(u32) -> D + Send + Sync + 'static,
    ) -> Self {
        let delay: DelayFn = Arc::new(move |hedges| delay(hedges).into());
        Self::new(Faults::new(), HedgeConfig::new(), Some(delay))
    }

    /// Any outcome ends the race, a failure too. **Default**: the first success does.
    pub fn first(self) -> HedgeBuilder<ByAny> {
        let mut all = self.with_hooks(|_| ByAny::new());
        all.config = all.config.first(true);
        all
    }
}

impl<H> HedgeBuilder<H> {
    /// The name in events. A hedge with a name is listed in the registry in force; if that has one
    /// of the name already, that one stays listed.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The most hedges of a call; at least 1. **Default**: 1.
    pub fn max(self, hedges: u32) -> Self {
        self.ruled(HedgeConfig::max_fault(hedges), |config| config.max(hedges))
    }

    /// Over about how many attempts a quantile is taken; at least 1. **Default**: 30.
    pub fn age(self, attempts: u32) -> Self {
        self.ruled(HedgeConfig::age_fault(attempts), |config| config.age(attempts))
    }

    /// After how many attempts a quantile is used; at least 1. Before, nothing is hedged.
    /// **Default**: 20.
    pub fn threshold(self, attempts: u32) -> Self {
        self.ruled(HedgeConfig::threshold_fault(attempts), |config| config.threshold(attempts))
    }

    /// Adds a condition: these return values end the race. Conditions are OR-ed, and replace "any
    /// success".
    pub fn cancel_if<R>(
        self,
        test: impl Fn(&R) -> bool + Send + Sync + 'static,
    ) -> HedgeBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.ends(|ends| ends.add_outcome(test))
    }

    /// Adds a condition: these rejections by policies inside end the race.
    pub fn cancel_rejected<R>(
        self,
        test: impl Fn(Kind) -> bool + Send + Sync + 'static,
    ) -> HedgeBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.ends(|ends| ends.add_rejected(move |rejected: &Rejected| test(rejected.kind())))
    }

    /// Adds a condition as [`cancel_rejected`](Self::cancel_rejected) does, over the whole
    /// rejection, its source included.
    pub fn cancel_rejection_if<R>(
        self,
        test: impl Fn(&Rejected) -> bool + Send + Sync + 'static,
    ) -> HedgeBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.ends(|ends| ends.add_rejected(test))
    }

    /// The budget that each hedge asks for a permit; clones of it share their state. A refusal ends
    /// the hedging of the call, and nothing else. **Default**: none.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Adds a listener that is called before each hedge starts.
    pub fn on_hedge(self, listener: impl Fn(&HedgeEvent<'_>) + Send + Sync + 'static) -> Self {
        self.on("hedge", listener)
    }

    /// Adds a listener that is called when the budget refused a hedge.
    pub fn on_budget_exceeded(
        self,
        listener: impl Fn(&HedgeEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.on("budget_exceeded", listener)
    }

    /// The hedge.
    ///
    /// # Panics
    ///
    /// When an option was given a value it cannot have; [`try_build`](Self::try_build) returns that
    /// as an error.
    #[track_caller]
    #[must_use]
    pub fn build(self) -> Hedge<H> {
        self.try_build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The hedge.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the options, at once.
    pub fn try_build(self) -> Result<Hedge<H>, ConfigError> {
        self.faults.verdict("hedge")?;
        let Self { name, config, delay, budget, listeners, hooks, .. } = self;
        let label =
            name.clone().map_or(Label::Unnamed(&"hedge"), |name| Label::Given(Arc::new(name)));
        let instance = Arc::new(Instance::new(label, config, delay, listeners));
        if let Some(name) = &name {
            Registry::with_current(|registry| {
                registry.adopt("hedge", name, Arc::clone(&instance) as _);
            });
        }
        Ok(Hedge { source: Source::Built(instance), budget, hooks })
    }

    fn ruled(
        mut self,
        verdict: Option<&'static str>,
        change: impl FnOnce(HedgeConfig) -> HedgeConfig,
    ) -> Self {
        if self.faults.note(Fault::from_verdict(verdict)).is_some() {
            self.config = change(self.config);
        }
        self
    }

    fn on(
        mut self,
        event: &'static str,
        listener: impl Fn(&HedgeEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.listeners.push(Arc::new(move |heard: &HedgeEvent<'_>| {
            if heard.is(event) {
                listener(heard);
            }
        }));
        self
    }

    fn ends<R>(self, change: impl FnOnce(&mut Conditions<R>)) -> HedgeBuilder<TypedHooks<R>>
    where
        H: IntoTyped<R>,
    {
        self.with_hooks(|hooks| {
            let mut hooks = hooks.into_typed();
            change(&mut hooks.0);
            hooks
        })
    }

    fn with_hooks<J>(self, change: impl FnOnce(H) -> J) -> HedgeBuilder<J> {
        let Self { name, config, faults, delay, budget, listeners, hooks } = self;
        HedgeBuilder { name, config, faults, delay, budget, listeners, hooks: change(hooks) }
    }
}

impl<H> fmt::Debug for HedgeBuilder<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HedgeBuilder")
            .field("name", &self.name)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
