//! # Circuit breaker
//!
//! Stops calling what keeps failing, and finds out by trial calls when it is well again.
//!
//! ## How it decides
//!
//! **Closed**, it lets every call through and counts outcomes: the last so many calls (`5`,
//! `"3/5"`), or those within a period, in ten slices of it (`"3 in 1m"`, `"20% of 5 in 1m"`). After
//! every outcome, success or failure, it opens if the threshold is met. **Open**, it refuses calls;
//! once `delay` (or what `delay_with` computed from the outcome that opened it) has passed, the
//! next call makes it half-open; until somebody calls it stays open, with a remaining delay of
//! zero. **Half-open**, it lets as many calls through at a time as its capacity, counts their
//! outcomes, and closes or opens by `successes`, or without it by the failure threshold. The rules
//! are those of failsafe-go; ratios are compared exactly.
//!
//! An outcome counts only in the state its call began in: a late one does not touch the next.
//!
//! ## Defaults
//!
//! | option | default | unit |
//! |---|---|---|
//! | `failures` | 1 | see above |
//! | `successes` | the failure threshold decides | trial calls |
//! | `delay` | `"1m"` | duration |
//! | `slow` | none | duration |
//! | `max_keys` | 1000 | keys, where there is a `key` |
//! | `key_idle` | `"10m"` | duration |
//!
//! ## Events
//!
//! `success`, `failure`, `state_changed`, `rejected`. Listeners: `on_state_changed`, `on_open`,
//! `on_half_open`, `on_close`, `on_success`, `on_failure`.
//!
//! A state listener in an attribute that uses nothing of its function hears of every change of the
//! breaker, whoever caused it: another function of that name, an operator, a test. One that uses
//! the function's arguments or `self` hears of the changes that calls of this function caused.
//!
//! ## At run time
//!
//! An instance takes a change of its settings at once, and keeps its state. An open breaker stays open,
//! until its new `delay` has passed since it opened; a time that `delay_with` or
//! [`Permit::failure_for`] gave it stays. A half-open one keeps its trials. A closed one keeps what it
//! has counted, the last outcomes where fewer calls are looked at, those of the period where that
//! changes, and decides with the next outcome; it begins anew where a number of calls becomes a period,
//! or the other way round. `slow` holds for calls that begin after it.
//!
//! Switched off, every call goes through and nothing is counted. When it only observes, it goes through
//! its states as it would, by the outcomes of the calls that it would let through, tells `rejected` of
//! the others, and lets them run. Both hold for permits taken by hand too, and for outcomes recorded
//! without one; what operates it, such as [`open`](CircuitBreaker::open), always works. A call that is
//! under way when it is switched counts as it would have.
//!
//! ## Cancel safety
//!
//! A call that is dropped or panics counts as neither success nor failure. A trial call gives its
//! place back, so a breaker can neither lock up nor close by it.
//!
//! ## Order
//!
//! Inside a retry, so that each attempt is counted and a retry stops hitting what is down; outside
//! a timeout, so that timeouts count as failures.

mod builder;
mod core;
mod instance;
mod metrics;
mod permit;
mod step;
mod ticket;
mod window;

pub use crate::judged::{Calls, Hooks, Plain, plain};
pub use crate::state::State;
pub use builder::CircuitBreakerBuilder;
pub use metrics::{Metrics, StateChanged};
pub use permit::Permit;

use crate::as_policy::AsPolicy;
use crate::attempt::{Call, Counters};
use crate::executor::conditions::{ByOutcome, Classify};
use crate::guard::guard;
use crate::judged::{JudgedCall, judged_event};
use crate::keyed::keyed;
use crate::listener::{Hear, Unheard, listeners};
use crate::outcome::Flow;
use crate::registry::Registry;
use crate::rejected::Rejected;
use crate::site::Declaration;
use crate::source::{Source, handle};
use failsafe_config::CircuitBreakerConfig;
use instance::Instance;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

judged_event! {
    /// What a listener of a circuit breaker hears of one call.
    CircuitBreakerEvent of "breaker"
}

listeners! {
    /// The listeners in a declaration that hear of every change of the breaker, whoever caused it.
    Listeners {
        /// Hears of every change.
        on_state_changed: fn(&StateChanged),
        /// Hears when it opened.
        on_open: fn(&StateChanged),
        /// Hears when it half-opened.
        on_half_open: fn(&StateChanged),
        /// Hears when it closed.
        on_close: fn(&StateChanged),
    }
}

/// Makes hooks of the expressions in an attribute; the outcome tells the closures their types.
#[inline]
pub fn calls<R, F, D, L>(
    _outcome: &Flow<R>,
    failed: F,
    delay: D,
    hear: Option<L>,
) -> impl Hooks<R> + use<R, F, D, L>
where
    F: Fn(&Flow<R>) -> bool,
    D: Fn(&Flow<R>) -> Option<Duration>,
    L: Fn(&CircuitBreakerEvent<'_, R>),
{
    let hear = hear.map(|hear| move |call: JudgedCall<'_, R>| hear(&CircuitBreakerEvent(call)));
    Calls { failed, delay, describe: |_: &R| String::new(), hear }
}

/// A circuit breaker: a handle of one; clones share its state.
///
/// ```
/// # use failsafe_runtime::{CircuitBreaker, circuit_breaker::State};
/// let breaker = CircuitBreaker::builder().failures(2).delay("30s").build();
///
/// for _ in 0..2 {
///     let permit = breaker.try_acquire().expect("it is closed");
///     permit.failure();
/// }
/// assert_eq!(breaker.state(), State::Open);
/// assert!(breaker.try_acquire().is_none());
/// ```
#[derive(Clone)]
pub struct CircuitBreaker<H = ByOutcome> {
    source: Source<Instance>,
    pub(crate) hooks: H,
}

impl CircuitBreaker {
    /// A breaker as an attribute or `policy!` declares it.
    #[doc(hidden)]
    pub const fn declared((declaration, _): (&'static Declaration, CircuitBreakerConfig)) -> Self {
        let source = Source::Declared(declaration, OnceLock::new());
        Self { source, hooks: ByOutcome::new() }
    }

    /// Builds a breaker at run time.
    pub fn builder() -> CircuitBreakerBuilder {
        CircuitBreakerBuilder::new()
    }

    fn of_instance(instance: Arc<Instance>) -> Self {
        Self { source: Source::Built(instance), hooks: ByOutcome::new() }
    }
}

impl<H> CircuitBreaker<H> {
    /// Lets a call through, or not. An open breaker whose delay has passed becomes half-open by
    /// it. Say how the call ended with the permit.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        self.admit(Counters::default, &Unheard)
    }

    /// Lets a call through, or says why not and when to come back.
    ///
    /// # Errors
    ///
    /// A rejection of kind [`Kind::CircuitOpen`](crate::Kind::CircuitOpen).
    pub fn acquire(&self) -> Result<Permit<'_>, Rejected> {
        self.try_acquire()
            .ok_or_else(|| self.source.look(|instance| instance.refuse(Counters::default())))
    }

    /// Its state. An open breaker stays open until a call is tried after its delay.
    pub fn state(&self) -> State {
        self.source.look(Instance::state)
    }

    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.state() == State::Closed
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.state() == State::Open
    }

    /// Whether it is half-open.
    pub fn is_half_open(&self) -> bool {
        self.state() == State::HalfOpen
    }

    /// How long until an open breaker lets a call through; zero when it is not open.
    pub fn remaining_delay(&self) -> Duration {
        self.source.look(Instance::remaining)
    }

    /// What it has counted in its current state; while it is open, in the state before.
    pub fn metrics(&self) -> Metrics {
        self.source.look(Instance::metrics)
    }

    /// Opens it, for its delay. Nothing happens if it is open.
    pub fn open(&self) {
        self.source.look(|instance| instance.change(|core, _, now| core.open(now, None)));
    }

    /// Opens it until [`close`](Self::close), [`half_open`](Self::half_open) or
    /// [`reset`](Self::reset).
    pub fn force_open(&self) {
        self.source.look(|instance| instance.change(core::Core::force_open));
    }

    /// Half-opens it. Nothing happens if it is half-open.
    pub fn half_open(&self) {
        self.source.look(|instance| instance.change(core::Core::half_open));
    }

    /// Closes it. Nothing happens if it is closed.
    pub fn close(&self) {
        self.source.look(|instance| instance.change(core::Core::close));
    }

    /// Closes it and forgets what was counted.
    pub fn reset(&self) {
        self.source.look(|instance| instance.change(core::Core::reset));
    }

    /// Records a success in the current state, without a permit.
    pub fn record_success(&self) {
        self.source.look(|instance| instance.record(false));
    }

    /// Records a failure in the current state, without a permit.
    pub fn record_failure(&self) {
        self.source.look(|instance| instance.record(true));
    }

    /// Records an outcome in the current state, without a permit, as its conditions judge it.
    pub fn record<R>(&self, outcome: R)
    where
        H: Classify<R>,
    {
        let failed = self.hooks.is_failure(&Ok(outcome));
        self.source.look(|instance| instance.record(failed));
    }

    /// Lets a call of a function through, or not.
    ///
    /// # Errors
    ///
    /// What a call that is not let through is told.
    #[doc(hidden)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn enter(
        &self,
        call: &Call,
        changes: &impl Hear<StateChanged>,
    ) -> Result<Permit<'_>, Rejected> {
        if let Some(instance) = self.source.at_hand() {
            if let Some(ticket) = instance.let_through() {
                return Ok(Permit::borrowed(instance, ticket));
            }
        }
        self.enter_slowly(call, changes)
    }

    /// The same, where there is more to it. It is the same for all functions, so it is not inlined.
    #[cold]
    #[inline(never)]
    fn enter_slowly(
        &self,
        call: &Call,
        changes: &impl Hear<StateChanged>,
    ) -> Result<Permit<'_>, Rejected> {
        self.admit(|| call.counters(), changes).ok_or_else(|| self.refuse(call))
    }

    #[cold]
    fn refuse(&self, call: &Call) -> Rejected {
        self.source.look(|instance| instance.refuse(call.counters()))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn admit(
        &self,
        counters: impl FnOnce() -> Counters,
        changes: &impl Hear<StateChanged>,
    ) -> Option<Permit<'_>> {
        if let Some(instance) = self.source.at_hand() {
            return Some(Permit::borrowed(instance, instance.acquire(counters, changes)?));
        }
        self.admit_scoped(counters, changes)
    }

    #[cold]
    fn admit_scoped(
        &self,
        counters: impl FnOnce() -> Counters,
        changes: &impl Hear<StateChanged>,
    ) -> Option<Permit<'_>> {
        let instance = self.source.share();
        let ticket = instance.acquire(counters, changes)?;
        Some(Permit::shared(instance, ticket))
    }
}

impl AsPolicy<Self> for CircuitBreaker {
    fn as_policy(&self) -> &Self {
        self
    }
}

impl Registry {
    /// The circuit breaker of that name: the live one, or a new one if it is declared somewhere in
    /// the binary but nobody has called it yet.
    pub fn circuit_breaker(&self, name: &str) -> Option<CircuitBreaker> {
        self.find("circuit_breaker", name, Instance::declared).map(CircuitBreaker::of_instance)
    }
}

/// A call through a circuit breaker, for asynchronous and blocking bodies alike. Only the permit
/// lives across the attempt.
#[doc(hidden)]
#[macro_export]
macro_rules! __circuit_breaker {
    ($call:expr, $breaker:expr, $changes:expr, |$flow:ident| $hooks:expr, $attempt:expr) => {
        'admitted: {
            let breaker = $breaker;
            let changes = $changes;
            let permit = match breaker.enter(&$call, &changes) {
                ::core::result::Result::Ok(permit) => permit,
                ::core::result::Result::Err(rejected) => {
                    break 'admitted ::core::result::Result::Err(rejected);
                }
            };
            let flow = $attempt;
            let hooks = {
                let $flow = &flow;
                $hooks
            };
            permit.settle(&mut $call, &flow, &hooks, &changes);
            flow
        }
    };
}

macro_rules! around {
    ($_mode:ident $call:expr, $this:expr, $attempt:expr) => {
        crate::__circuit_breaker!($call, $this, Unheard, |_flow| &$this.hooks, $attempt)
    };
}

handle!(CircuitBreaker<H>, CircuitBreakerConfig);
guard!(CircuitBreaker<H: Hooks>, around);

keyed! {
    /// The breakers of a declaration with `key = ..`.
    KeyedCircuitBreaker of CircuitBreaker, CircuitBreakerConfig
}
