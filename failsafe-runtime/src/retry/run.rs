use super::Retry;
use super::core::Verdict;
use super::event::RetryEvent;
use super::hooks::{Hooks, last_failure};
use crate::attempt::Call;
use crate::budget::{Extra, Hold};
use crate::chance;
use crate::events::{self, What};
use crate::listener::{self, Hear};
use crate::live::Mode;
use crate::outcome::Flow;
use crate::rejected::{Kind, Rejected};
use failsafe_config::{Exhausted, RetryConfig};
use std::error::Error;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

/// A retry, and what is written where the function knows it better than the declaration.
type Written<'a, H> = (&'a Retry<H>, Option<&'a RetryConfig>);

/// The retries of one call: asked after each attempt what to do next.
#[derive(Debug)]
pub struct Run<R> {
    /// Where the call keeps what this retry knows; 0 as long as no attempt has failed.
    place: u32,
    outcome: PhantomData<fn(R)>,
}

impl<R> Run<R> {
    /// No attempt has failed.
    pub(super) const NEW: Self = Self { place: 0, outcome: PhantomData };

    /// The retries of a call that begins.
    #[inline]
    pub fn begin<H>(retry: Written<'_, H>, call: &mut Call) -> Self {
        if retry.0.config_or(retry.1).get_max_duration().is_some() {
            call.elapsed();
        }
        Self::NEW
    }

    /// Whether the retries are over with an attempt that ended so: it is no failure, or there is no
    /// retry.
    #[inline]
    pub fn is_over<H, B: Hold>(
        &self,
        retry: &Retry<H>,
        call: &mut Call,
        flow: &Flow<R>,
        hooks: &impl Hooks<R>,
        budget: &mut B,
    ) -> bool {
        budget.give_back();
        if retry.label().mode() == Mode::Off {
            return true;
        }
        if hooks.is_failure(flow) {
            return false;
        }
        if hooks.is_heard() || events::active() {
            tell(retry, call, hooks, What::Success, flow);
        }
        true
    }

    /// How long to wait for the next attempt, after one that failed so.
    ///
    /// # Errors
    ///
    /// What the retry returns.
    // Not inlined: it is the same for all functions of one return type.
    #[cold]
    #[inline(never)]
    pub fn next<H, B: Hold>(
        &mut self,
        (retry, written): Written<'_, H>,
        call: &mut Call,
        flow: Flow<R>,
        hooks: &impl Hooks<R>,
        budget: &mut B,
    ) -> Result<Duration, Flow<R>> {
        let config = retry.config_or(written);
        let observes = retry.label().mode() != Mode::On;
        call.judged(true);
        tell(retry, call, hooks, What::Failure, &flow);
        // Where a budget is exceeded, another that is asked has no reason to retry.
        let exceeded = |rejected: &Rejected| rejected.kind() == Kind::BudgetExceeded;
        let aborts =
            hooks.aborts(&flow) || budget.is_limited() && flow.as_ref().is_err_and(exceeded);
        let elapsed = call.elapsed();
        match call.retrying(&mut self.place).failed(config, aborts, elapsed) {
            Verdict::Abort => {
                tell(retry, call, hooks, What::Abort, &flow);
                Err(flow)
            }
            Verdict::Exceeded => {
                tell(retry, call, hooks, What::RetriesExceeded, &flow);
                if observes || config.get_exhausted() == Exhausted::Last {
                    return Err(flow);
                }
                let rejected = Rejected::new(Kind::RetriesExceeded, retry.label().clone());
                Err(Err(rejected.because(last_straw(flow, hooks))))
            }
            Verdict::Again => {
                let computed = hooks.delay(&flow);
                let retrying = call.retrying(&mut self.place);
                let delay = retrying.delay(config, computed, chance::unit, elapsed);
                tell(retry, call, hooks, What::RetryScheduled(delay), &flow);
                if observes {
                    return Err(flow);
                }
                call.failed_with(last_failure(&flow, hooks));
                budget.keep(|| last_straw(flow, hooks));
                Ok(delay)
            }
        }
    }

    /// The next attempt begins, unless the budget refuses it.
    ///
    /// # Errors
    ///
    /// The rejection of a call whose budget is exceeded.
    #[cold]
    #[inline(never)]
    pub fn again<H, L, B: Hold>(
        &self,
        retry: &Retry<H>,
        call: &mut Call,
        retried: &L,
        budget: &mut B,
    ) -> Result<(), Rejected>
    where
        L: for<'a> Hear<RetryEvent<'a, R>>,
    {
        call.begin_retry();
        if let Err(rejected) = budget.ask(Extra::Retry, || call.counters()) {
            hear_later(retry, call, retried, What::BudgetExceeded(Extra::Retry));
            return Err(rejected);
        }
        hear_later(retry, call, retried, What::Retry);
        events::emit("retry", || retry.label().clone(), call.counters(), What::Retry);
        Ok(())
    }
}

/// The error in the last failure.
fn last_straw<R>(flow: Flow<R>, hooks: &impl Hooks<R>) -> Option<Arc<dyn Error + Send + Sync>> {
    match flow {
        Ok(outcome) => hooks.source(outcome),
        Err(rejected) => Some(Arc::new(rejected)),
    }
}

/// Tells the listeners of what happens after a wait.
fn hear_later<R, H, L>(retry: &Retry<H>, call: &mut Call, retried: &L, what: What)
where
    L: for<'a> Hear<RetryEvent<'a, R>>,
{
    if retried.is_heard() {
        let (name, counters, elapsed) = (retry.name(), call.counters(), call.elapsed());
        let event = RetryEvent { name, what, counters, elapsed, outcome: None };
        listener::call("retry", retry.label(), counters, || retried.hear(&event));
    }
}

/// Hooks as one who hears of retries.
#[derive(Debug)]
pub(super) struct Heard<'a, H>(pub(super) &'a H);

impl<R, H: Hooks<R>> Hear<RetryEvent<'_, R>> for Heard<'_, H> {
    fn is_heard(&self) -> bool {
        self.0.is_heard()
    }

    fn hear(&self, event: &RetryEvent<'_, R>) {
        self.0.hear(event);
    }
}

#[cold]
fn tell<R, H>(
    retry: &Retry<H>,
    call: &mut Call,
    hooks: &impl Hooks<R>,
    what: What,
    flow: &Flow<R>,
) {
    let counters = call.counters();
    if hooks.is_heard() {
        let (name, elapsed) = (retry.name(), call.elapsed());
        let event = RetryEvent { name, what, counters, elapsed, outcome: Some(flow) };
        listener::call("retry", retry.label(), counters, || hooks.hear(&event));
    }
    events::emit("retry", || retry.label().clone(), counters, what);
}
