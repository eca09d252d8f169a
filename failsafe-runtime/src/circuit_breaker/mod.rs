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
mod guard;
mod hooks;
mod instance;
mod keyed;
mod listeners;
mod metrics;
mod permit;
mod window;

pub use crate::state::State;
pub use builder::CircuitBreakerBuilder;
pub use hooks::{Calls, CircuitBreakerEvent, Hooks, OnChange, Unheard, calls};
pub use keyed::KeyedCircuitBreaker;
pub use listeners::Listeners;
pub use metrics::{Metrics, StateChanged};
pub use permit::Permit;

pub(crate) use instance::Instance;
pub(crate) use permit::Handle;

use crate::attempt::Call;
use crate::events::{self, What};
use crate::executor::conditions::{ByOutcome, Classify};
use crate::registry::Registry;
use crate::rejected::{Kind, Rejected};
use crate::site::Declaration;
use failsafe_config::CircuitBreakerConfig;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

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
pub struct CircuitBreaker<H = ByOutcome> {
    source: Source,
    pub(crate) hooks: H,
}

enum Source {
    /// As an attribute or `policy!` declares it: found in the registry by its name.
    Declared(&'static Declaration, OnceLock<Arc<Instance>>),
    Built(Arc<Instance>),
}

impl CircuitBreaker {
    /// A breaker as an attribute or `policy!` declares it.
    #[doc(hidden)]
    pub const fn declared(declaration: &'static Declaration) -> Self {
        let source = Source::Declared(declaration, OnceLock::new());
        Self { source, hooks: ByOutcome::new() }
    }

    /// Builds a breaker at run time.
    pub fn builder() -> CircuitBreakerBuilder {
        CircuitBreakerBuilder::new()
    }

    pub(crate) fn of_instance(instance: Arc<Instance>) -> Self {
        Self { source: Source::Built(instance), hooks: ByOutcome::new() }
    }
}

impl<H> CircuitBreaker<H> {
    pub(crate) fn resolve(&self) -> Handle<'_> {
        match &self.source {
            Source::Built(instance) => Handle::Borrowed(instance),
            Source::Declared(declaration, cell) => {
                if let Some(registry) = Registry::scoped() {
                    return Handle::Shared(declared(&registry, declaration));
                }
                Handle::Borrowed(cell.get_or_init(|| {
                    Registry::with_current(|registry| declared(registry, declaration))
                }))
            }
        }
    }

    fn share(&self) -> Arc<Instance> {
        match (&self.source, self.resolve()) {
            (_, Handle::Shared(instance)) => instance,
            (Source::Built(instance), _) => Arc::clone(instance),
            (Source::Declared(declaration, cell), _) => Arc::clone(cell.get_or_init(|| {
                Registry::with_current(|registry| declared(registry, declaration))
            })),
        }
    }

    /// Its name: the one it was given, or the path of the function it stands on.
    pub fn name(&self) -> String {
        self.resolve().name().to_owned()
    }

    /// What it was told.
    pub fn config(&self) -> CircuitBreakerConfig {
        *self.resolve().config()
    }

    /// Lets a call through, or not. An open breaker whose delay has passed becomes half-open by
    /// it. Say how the call ended with the permit.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        let breaker = self.resolve();
        let pass = breaker.acquire(crate::attempt::Counters::default).ok()?;
        Some(Permit::new(breaker, &pass))
    }

    /// Lets a call through, or says why not and when to come back.
    ///
    /// # Errors
    ///
    /// A rejection of kind [`Kind::CircuitOpen`].
    pub fn acquire(&self) -> Result<Permit<'_>, Rejected> {
        self.try_acquire().ok_or_else(|| self.resolve().rejection())
    }

    /// Its state. An open breaker stays open until a call is tried after its delay.
    pub fn state(&self) -> State {
        self.resolve().state()
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
        self.resolve().remaining()
    }

    /// What it has counted in its current state; while it is open, in the state before.
    pub fn metrics(&self) -> Metrics {
        self.resolve().metrics()
    }

    /// Opens it, for its delay. Nothing happens if it is open.
    pub fn open(&self) {
        self.resolve().change(|core, config, now| core.open(now, config.get_delay()));
    }

    /// Opens it until [`close`](Self::close), [`half_open`](Self::half_open) or
    /// [`reset`](Self::reset).
    pub fn force_open(&self) {
        self.resolve().change(core::Core::force_open);
    }

    /// Half-opens it. Nothing happens if it is half-open.
    pub fn half_open(&self) {
        self.resolve().change(core::Core::half_open);
    }

    /// Closes it. Nothing happens if it is closed.
    pub fn close(&self) {
        self.resolve().change(core::Core::close);
    }

    /// Closes it and forgets what was counted.
    pub fn reset(&self) {
        self.resolve().change(core::Core::reset);
    }

    /// Records a success in the current state, without a permit.
    pub fn record_success(&self) {
        self.resolve().record(false);
    }

    /// Records a failure in the current state, without a permit.
    pub fn record_failure(&self) {
        self.resolve().record(true);
    }

    /// Records an outcome in the current state, without a permit, as its conditions judge it.
    pub fn record<R>(&self, outcome: R)
    where
        H: Classify<R>,
    {
        self.resolve().record(self.hooks.is_failure(&Ok(outcome)));
    }

    /// Lets a call of a function through.
    #[doc(hidden)]
    #[inline]
    pub fn enter(&self, call: &Call, changes: &impl OnChange) -> Result<Permit<'_>, Rejected> {
        enter(self.resolve(), call, changes)
    }
}

fn declared(registry: &Registry, declaration: &'static Declaration) -> Arc<Instance> {
    registry.declared(declaration, || Instance::declared(declaration))
}

impl Registry {
    /// The circuit breaker of that name: the live one, or a new one if it is declared somewhere in
    /// the binary but nobody has called it yet.
    pub fn circuit_breaker(&self, name: &str) -> Option<CircuitBreaker> {
        self.find("circuit_breaker", name, Instance::declared).map(CircuitBreaker::of_instance)
    }
}

/// Lets a call of a function through.
#[inline]
pub(crate) fn enter<'a>(
    breaker: Handle<'a>,
    call: &Call,
    changes: &impl OnChange,
) -> Result<Permit<'a>, Rejected> {
    match breaker.acquire(|| call.counters()) {
        Ok(pass) => {
            if pass.change.is_some() {
                permit::tell_change(&breaker, call, changes, pass.change.as_ref());
            }
            Ok(Permit::new(breaker, &pass))
        }
        Err(change) => Err(refuse(&breaker, call, changes, change.as_ref())),
    }
}

#[cold]
fn refuse(
    breaker: &Instance,
    call: &Call,
    changes: &impl OnChange,
    change: Option<&StateChanged>,
) -> Rejected {
    permit::tell_change(breaker, call, changes, change);
    let what = What::Rejected(Kind::CircuitOpen);
    events::emit("circuit_breaker", || breaker.label().clone(), call.counters(), what);
    breaker.rejection()
}

impl<H: Clone> Clone for CircuitBreaker<H> {
    fn clone(&self) -> Self {
        Self { source: Source::Built(self.share()), hooks: self.hooks.clone() }
    }
}

impl<H> fmt::Debug for CircuitBreaker<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.resolve(), f)
    }
}

/// A call through a circuit breaker, for asynchronous and blocking bodies alike.
#[doc(hidden)]
#[macro_export]
macro_rules! __circuit_breaker {
    ($call:expr, $breaker:expr, $changes:expr, |$flow:ident| $hooks:expr, $attempt:expr) => {{
        let changes = $changes;
        match $breaker.enter($call, &changes) {
            ::core::result::Result::Ok(permit) => {
                let flow = $attempt;
                let hooks = {
                    let $flow = &flow;
                    $hooks
                };
                permit.settle($call, &flow, &hooks, &changes);
                flow
            }
            ::core::result::Result::Err(rejected) => ::core::result::Result::Err(rejected),
        }
    }};
}
