use super::Retry;
use super::core::{Core, Verdict};
use super::event::RetryEvent;
use super::hooks::{Hooks, last_failure};
use crate::attempt::Call;
use crate::events::{self, What};
use crate::outcome::Flow;
use crate::rejected::{Kind, Rejected};
use crate::{chance, listener};
use failsafe_config::{Exhausted, RetryConfig};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// The retries of one call: asked after each attempt what to do next.
#[derive(Debug, Default)]
pub struct Run {
    core: Core,
}

/// What to do after an attempt.
#[derive(Debug)]
pub enum Next<R> {
    /// Return this.
    Done(Flow<R>),
    /// Return [`Run::exceeded`], with the error of this outcome as its source.
    Exceeded(R),
    /// Try again after the delay.
    Again(Duration),
}

impl Run {
    /// A call without an attempt so far.
    pub const fn new() -> Self {
        Self { core: Core::new() }
    }

    /// What to do after an attempt that ended so.
    #[inline]
    pub fn next<R, H>(
        &mut self,
        retry: &Retry<H>,
        config: &RetryConfig,
        call: &mut Call,
        flow: Flow<R>,
        hooks: &impl Hooks<R>,
    ) -> Next<R> {
        if hooks.is_failure(&flow) {
            return self.failed(retry, config, call, flow, hooks);
        }
        tell(retry, call, hooks, What::Success, Some(&flow));
        Next::Done(flow)
    }

    #[cold]
    fn failed<R, H>(
        &mut self,
        retry: &Retry<H>,
        config: &RetryConfig,
        call: &mut Call,
        flow: Flow<R>,
        hooks: &impl Hooks<R>,
    ) -> Next<R> {
        call.judged(true);
        tell(retry, call, hooks, What::Failure, Some(&flow));
        match self.core.failed(config, hooks.aborts(&flow), || call.elapsed()) {
            Verdict::Abort => {
                tell(retry, call, hooks, What::Abort, Some(&flow));
                Next::Done(flow)
            }
            Verdict::Exceeded => {
                tell(retry, call, hooks, What::RetriesExceeded, Some(&flow));
                self.give_up(retry, config, flow, hooks)
            }
            Verdict::Again => {
                let computed = hooks.delay(&flow);
                let delay = self.core.delay(config, computed, chance::unit, || call.elapsed());
                tell(retry, call, hooks, What::RetryScheduled(delay), Some(&flow));
                call.failed_with(last_failure(&flow, hooks));
                Next::Again(delay)
            }
        }
    }

    fn give_up<R, H>(
        &self,
        retry: &Retry<H>,
        config: &RetryConfig,
        flow: Flow<R>,
        hooks: &impl Hooks<R>,
    ) -> Next<R> {
        match (config.get_exhausted(), flow) {
            (Exhausted::Last, flow) => Next::Done(flow),
            (Exhausted::Error, Ok(outcome)) => match hooks.source(outcome) {
                Ok(source) => Next::Done(Err(self.exceeded(retry, source))),
                Err(outcome) => Next::Exceeded(outcome),
            },
            (Exhausted::Error, Err(rejected)) => {
                Next::Done(Err(self.exceeded(retry, Some(Arc::new(rejected)))))
            }
        }
    }

    /// The rejection of a call whose retries have run out.
    pub fn exceeded<H>(
        &self,
        retry: &Retry<H>,
        source: Option<Arc<dyn Error + Send + Sync>>,
    ) -> Rejected {
        Rejected::new(Kind::RetriesExceeded, retry.label().clone()).because(source)
    }

    /// The next attempt begins.
    pub fn again<R, H>(&self, retry: &Retry<H>, call: &mut Call, hooks: &impl Hooks<R>) {
        call.begin_retry();
        tell(retry, call, hooks, What::Retry, None);
    }
}

#[inline]
fn tell<R, H>(
    retry: &Retry<H>,
    call: &mut Call,
    hooks: &impl Hooks<R>,
    what: What,
    outcome: Option<&Flow<R>>,
) {
    if hooks.is_heard() || events::active() {
        tell_all(retry, call, hooks, what, outcome);
    }
}

#[cold]
fn tell_all<R, H>(
    retry: &Retry<H>,
    call: &mut Call,
    hooks: &impl Hooks<R>,
    what: What,
    outcome: Option<&Flow<R>>,
) {
    let counters = call.counters();
    if hooks.is_heard() {
        let (name, elapsed) = (retry.name(), call.elapsed());
        let event = RetryEvent { name, what, counters, elapsed, outcome };
        listener::call("retry", retry.label(), counters, || hooks.hear(&event));
    }
    events::emit("retry", || retry.label().clone(), counters, what);
}
