use super::FailFast;
use super::hooks::{FailFastEvent, Hooks};
use super::instance::{Given, Instance};
use super::probe::{Probed, shared};
use crate::executor::conditions::{ByOutcome, Classify, Conditions};
use crate::fault::{ConfigError, Faults};
use crate::label::Label;
use crate::outcome::{Flow, Outcome};
use crate::registry::Registry;
use crate::rejected::{Kind, Rejected};
use crate::source::Source;
use failsafe_config::{FailFastConfig, Fault, IntoDuration};
use std::fmt;
use std::sync::Arc;

/// Builds a [`FailFast`]; its methods are the options of `#[fail_fast]`.
#[must_use = "a builder does nothing until it builds"]
pub struct FailFastBuilder<H = ByOutcome> {
    name: Option<String>,
    config: FailFastConfig,
    every_given: bool,
    faults: Faults,
    given: Given,
    hooks: H,
}

impl FailFastBuilder {
    pub(super) fn new() -> Self {
        Self {
            name: None,
            config: FailFastConfig::new(),
            every_given: false,
            faults: Faults::new(),
            given: Given::default(),
            hooks: ByOutcome::new(),
        }
    }
}

impl<H> FailFastBuilder<H> {
    /// The name in events and rejections. A fail-fast with a name is listed in the registry in
    /// force; if that has one of the name already, that one stays listed.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How many failures in a row put it in the failed state, from 1. **Default**: 1.
    pub fn failures(mut self, failures: u32) -> Self {
        let verdict = FailFastConfig::failures_fault(failures);
        if self.faults.note(Fault::from_verdict(verdict)).is_some() {
            self.config = self.config.failures(failures);
        }
        self
    }

    /// No number of failures puts it in the failed state: only [`FailFast::fail`] does.
    pub const fn unlimited(mut self) -> Self {
        self.config = self.config.unlimited();
        self
    }

    /// How long to wait between probes, and the longest an asynchronous probe may take; above zero.
    /// **Default**: 5 seconds.
    pub fn every(mut self, every: impl IntoDuration) -> Self {
        let every = every.into_duration().and_then(|every| {
            Fault::from_verdict(FailFastConfig::every_fault(every)).map(|()| every)
        });
        if let Some(every) = self.faults.note(every) {
            self.config = self.config.every(every);
        }
        self.every_given = true;
        self
    }

    /// Asked in the failed state whether calls may pass again: a function, blocking or async, that
    /// returns `bool`, a `Result` or nothing. `true`, `Ok(..)` other than `Ok(false)`, and nothing
    /// mean yes. Blocking calls leave one that is async to others. **Default**: none, so that only
    /// [`FailFast::recover`] ends the failed state.
    ///
    /// ```
    /// # use failsafe_runtime::FailFast;
    /// async fn ping() -> Result<(), std::io::Error> {
    ///     Ok(())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let database = FailFast::builder().failures(3).probe(ping).every("10s").build();
    /// database.fail();
    /// assert!(database.probe_now().await);
    /// # }
    /// ```
    pub fn probe<A, How>(mut self, probe: impl Fn() -> A + Send + Sync + 'static) -> Self
    where
        A: Probed<How> + Send + 'static,
    {
        self.given.probe = Some(Arc::new(move |may_wait| shared(may_wait, &probe)));
        self
    }

    /// Adds a predicate that is asked at each call that would go on or probe; `true` refuses the
    /// call and changes nothing.
    pub fn when(mut self, when: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.given.when.push(Arc::new(when));
        self
    }

    /// Adds a condition: these return values are failures. Conditions are OR-ed, and replace "any
    /// failure", rejections by policies inside included.
    pub fn handle_if<R>(
        self,
        test: impl Fn(&R) -> bool + Send + Sync + 'static,
    ) -> FailFastBuilder<TypedHooks<R>>
    where
        H: IntoHandled<R>,
    {
        self.handled(|conditions| conditions.add_outcome(test))
    }

    /// Adds a condition: these rejections by policies inside are failures.
    pub fn handle_rejected<R>(
        self,
        test: impl Fn(Kind) -> bool + Send + Sync + 'static,
    ) -> FailFastBuilder<TypedHooks<R>>
    where
        H: IntoHandled<R>,
    {
        self.handled(|conditions| {
            conditions.add_rejected(move |rejected: &Rejected| test(rejected.kind()));
        })
    }

    /// Adds a condition as [`handle_rejected`](Self::handle_rejected) does, over the whole
    /// rejection, its source included.
    pub fn handle_rejection_if<R>(
        self,
        test: impl Fn(&Rejected) -> bool + Send + Sync + 'static,
    ) -> FailFastBuilder<TypedHooks<R>>
    where
        H: IntoHandled<R>,
    {
        self.handled(|conditions| conditions.add_rejected(test))
    }

    /// Adds a listener that is called after it entered the failed state.
    pub fn on_failed(self, listener: impl Fn(&FailFastEvent<'_>) + Send + Sync + 'static) -> Self {
        self.on("failed", listener)
    }

    /// Adds a listener that is called after it recovered.
    pub fn on_recovered(
        self,
        listener: impl Fn(&FailFastEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.on("recovered", listener)
    }

    /// Adds a listener that is called for each call that is refused.
    pub fn on_fail_fast(
        self,
        listener: impl Fn(&FailFastEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.on("fail_fast", listener)
    }

    /// The fail-fast.
    ///
    /// # Panics
    ///
    /// When an option was given a value it cannot have; [`try_build`](Self::try_build) returns that
    /// as an error.
    #[track_caller]
    #[must_use]
    pub fn build(self) -> FailFast<H> {
        self.try_build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The fail-fast.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the options, at once.
    pub fn try_build(mut self) -> Result<FailFast<H>, ConfigError> {
        if self.every_given && self.given.probe.is_none() {
            let (_, _, why) = FailFastConfig::SPEC.requires[0];
            self.faults.note::<()>(Err(Fault::known(why)));
        }
        self.faults.verdict("fail_fast")?;
        let label = self
            .name
            .clone()
            .map_or(Label::Unnamed(&"fail_fast"), |name| Label::Given(Arc::new(name)));
        let instance = Arc::new(Instance::new(label, self.config, self.given));
        if let Some(name) = &self.name {
            Registry::with_current(|registry| {
                registry.adopt("fail_fast", name, Arc::clone(&instance) as _);
            });
        }
        Ok(FailFast { source: Source::Built(instance), hooks: self.hooks })
    }

    fn on(
        mut self,
        what: &'static str,
        listener: impl Fn(&FailFastEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.given.listeners.push((what, Arc::new(listener)));
        self
    }

    fn handled<R>(self, change: impl FnOnce(&mut Conditions<R>)) -> FailFastBuilder<TypedHooks<R>>
    where
        H: IntoHandled<R>,
    {
        let Self { name, config, every_given, faults, given, hooks } = self;
        let mut hooks = hooks.into_handled();
        change(&mut hooks.0);
        FailFastBuilder { name, config, every_given, faults, given, hooks }
    }
}

impl<H> fmt::Debug for FailFastBuilder<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailFastBuilder")
            .field("name", &self.name)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// Hooks over one return type.
#[derive(Debug)]
pub struct TypedHooks<R>(Conditions<R>);

impl<R> Clone for TypedHooks<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Hooks that can become hooks over `R` by a condition, so that `R` need not tell by itself what a
/// failure is.
pub trait IntoHandled<R> {
    /// The same hooks, over `R`.
    fn into_handled(self) -> TypedHooks<R>;
}

impl<R> IntoHandled<R> for ByOutcome {
    fn into_handled(self) -> TypedHooks<R> {
        TypedHooks(Conditions::none())
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
        self.0.is_failure(flow)
    }
}

impl<R> Hooks<R> for TypedHooks<R> {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        self.0.is_failure(flow)
    }
}
