use super::instance::{Given, Instance};
use super::{FailFast, FailFastEvent};
use crate::building::{Parts, builds};
use crate::executor::conditions::ByOutcome;
use crate::judged::{IntoHandled, TypedHooks, conditions};
use crate::label::Label;
use crate::probe::{Probed, shared};
use crate::source::Source;
use failsafe_config::{FailFastConfig, Fault, IntoDuration};
use std::sync::Arc;

/// Builds a [`FailFast`]; its methods are the options of `#[fail_fast]`.
#[must_use = "a builder does nothing until it builds"]
pub struct FailFastBuilder<H = ByOutcome> {
    parts: Parts<FailFastConfig>,
    every_given: bool,
    given: Given,
    hooks: H,
}

impl FailFastBuilder {
    pub(super) fn new() -> Self {
        Self {
            parts: Parts::new(FailFastConfig::new()),
            every_given: false,
            given: Given::default(),
            hooks: ByOutcome::new(),
        }
    }
}

impl<H> FailFastBuilder<H> {
    /// How many failures in a row put it in the failed state, from 1. **Default**: 1.
    pub fn failures(mut self, failures: u32) -> Self {
        self.parts.set_by(Ok(failures), FailFastConfig::failures_fault, FailFastConfig::failures);
        self
    }

    /// No number of failures puts it in the failed state: only [`FailFast::fail`] does.
    pub const fn unlimited(mut self) -> Self {
        self.parts.config = self.parts.config.unlimited();
        self
    }

    /// How long to wait between probes, and the longest an asynchronous probe may take; above zero.
    /// **Default**: 5 seconds.
    pub fn every(mut self, every: impl IntoDuration) -> Self {
        let every = every.into_duration();
        self.parts.set_by(every, FailFastConfig::every_fault, FailFastConfig::every);
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

    fn check(&self) -> Result<(), Fault> {
        let (_, _, why) = FailFastConfig::SPEC.requires[0];
        let is_idle = self.every_given && self.given.probe.is_none();
        if is_idle { Err(Fault::known(why)) } else { Ok(()) }
    }

    fn make(self, label: Label) -> FailFast<H> {
        let instance = Arc::new(Instance::new(label, self.parts.config, self.given));
        FailFast { source: Source::Built(instance), hooks: self.hooks }
    }

    fn on(
        mut self,
        what: &'static str,
        listener: impl Fn(&FailFastEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.given.listeners.push((what, Arc::new(listener)));
        self
    }

    fn with_hooks<J>(self, change: impl FnOnce(H) -> J) -> FailFastBuilder<J> {
        let Self { parts, every_given, given, hooks } = self;
        FailFastBuilder { parts, every_given, given, hooks: change(hooks) }
    }
}

builds!(FailFastBuilder<H> => FailFast, "fail_fast", "fail-fast", check);
conditions!(FailFastBuilder);
