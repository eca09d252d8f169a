//! # Retry
//!
//! Runs what is inside again when it fails.
//!
//! ## How it decides
//!
//! After a failed attempt, in this order: an abort condition ends the call with the outcome as it
//! is; so many failures, or a failure at or after `max_duration`, end it with the last outcome (or
//! with [`Kind::RetriesExceeded`](crate::Kind), if `exhausted = "error"`); else the next attempt
//! follows after the delay. The delay is the one that `delay_with` computes, or the configured one:
//! fixed, random, or a backoff that starts at its first delay and grows by `factor` up to its
//! longest. Jitter then varies it, and what is left of `max_duration` cuts it. Backoff and jitter
//! are those of failsafe-go; a zero delay arms no timer.
//!
//! With a [`budget`](crate::budget) each retry asks for a permit after its delay; a refusal ends the
//! call with [`Kind::BudgetExceeded`](crate::Kind), whose source is the last error.
//!
//! ## Defaults
//!
//! | option | default | unit |
//! |---|---|---|
//! | `max` | 2 | retries after the first attempt |
//! | `delay` | none | duration |
//! | `factor` | 2 | of a backoff |
//! | `jitter` | none | duration, or share of the delay |
//! | `max_duration` | none | duration |
//! | `exhausted` | `"last"` | |
//!
//! A failure is `Err`, `None`, whatever [`Outcome`](crate::Outcome) says of a type of your own, or
//! a rejection by a policy inside, unless conditions say otherwise.
//!
//! ## Events
//!
//! `success` and `failure` (each attempt), `retry_scheduled`, `retry`, `abort`, `retries_exceeded`;
//! and `budget_exceeded`, of the budget.
//!
//! ## At run time
//!
//! Settings that change while a call is under way hold from its next decision on. Switched off, the
//! first outcome is returned as it is, and nothing is told. When it only observes, it tells what it
//! would do after the first attempt, and returns the outcome.
//!
//! ## Cancel safety
//!
//! A dropped call makes no further attempt, and gives back what it holds of a budget. There is no
//! other state outside the call.
//!
//! ## Order
//!
//! Outside a circuit breaker and a timeout: then each attempt asks the breaker, and has the whole
//! time. Inside a timeout: then that bounds all attempts and delays together.

mod builder;
mod core;
mod event;
mod guard;
mod hooks;
mod run;
mod step;

pub use builder::RetryBuilder;
pub use event::RetryEvent;
pub use hooks::{Calls, Hooks, Plain, calls, plain};
pub use run::Run;

use crate::budget::{Budget, Held};
use crate::executor::conditions::ByOutcome;
use crate::label::Label;
use crate::site::Declaration;
use failsafe_config::RetryConfig;
use std::fmt;
use std::sync::OnceLock;

/// A retry: how often, how long to wait, and what for.
///
/// ```
/// # use failsafe_runtime::{self as failsafe, Retry};
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let retry = Retry::builder().max(3).build();
/// let mut runs = 0;
/// let result: Result<u32, failsafe::Rejected> = failsafe::with(retry)
///     .run(|| async { Ok(1) })
///     .await;
/// # runs += 1;
/// assert_eq!(result.unwrap(), 1);
/// # }
/// ```
pub struct Retry<H = ByOutcome> {
    label: Label,
    config: RetryConfig,
    /// The options of a declaration that only refers to them.
    referred: OnceLock<RetryConfig>,
    /// What each retry needs a permit of.
    budget: Option<Budget>,
    pub(crate) hooks: H,
}

impl Retry {
    /// A retry as an attribute or `policy!` declares it.
    #[doc(hidden)]
    pub const fn declared((declaration, config): (&'static Declaration, RetryConfig)) -> Self {
        let label = Label::Declared(declaration);
        let hooks = ByOutcome::new();
        Self { label, config, referred: OnceLock::new(), budget: None, hooks }
    }

    /// The retry of a declaration.
    fn of(declaration: &'static Declaration) -> Self {
        Self::declared((declaration, declaration.written().copied().unwrap_or_default()))
    }

    /// Builds a retry at run time.
    pub const fn builder() -> RetryBuilder {
        RetryBuilder::new()
    }
}

impl<H> Retry<H> {
    /// Its name, or the path of the function it stands on.
    pub fn name(&self) -> &str {
        self.label.name()
    }

    /// What it was told, by its declaration or at run time.
    pub fn config(&self) -> &RetryConfig {
        self.label.config(&self.config, &self.referred)
    }

    /// What it was told, where the function may know what is written better than the declaration.
    #[inline]
    pub(crate) fn config_or<'a>(&'a self, written: Option<&'a RetryConfig>) -> &'a RetryConfig {
        written.map_or_else(|| self.config(), |written| self.label.in_force(written))
    }

    /// The budget that each retry needs a permit of, if there is one.
    pub const fn budget(&self) -> Option<&Budget> {
        self.budget.as_ref()
    }

    /// What a call holds of the budget.
    #[doc(hidden)]
    pub fn hold(&self) -> Option<Box<Held>> {
        self.budget().map(|budget| Box::new(Held::of(budget)))
    }

    pub(crate) const fn label(&self) -> &Label {
        &self.label
    }
}

impl<H> fmt::Debug for Retry<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, config) = (self.name(), self.config());
        f.debug_struct("Retry").field("name", &name).field("config", config).finish()
    }
}

/// The loop of a retry, for asynchronous and blocking bodies alike: they differ in how they wait.
///
/// Little lives across an attempt, and nothing but the run across a wait: all of it is part of the
/// future of every call.
#[doc(hidden)]
#[macro_export]
macro_rules! __retry {
    (
        $mode:ident,
        $call:expr,
        $retry:expr,
        $written:expr,
        |$flow:ident| $hooks:expr,
        $retried:expr,
        |$limited:ident| $budget:expr,
        $attempt:expr
    ) => {{
        let mut budget = {
            let $limited = $retry;
            $budget
        };
        let mut run = $crate::__rt::RetryRun::begin(($retry, $written), &mut $call);
        loop {
            let delay = {
                let flow = $attempt;
                let hooks = {
                    let $flow = &flow;
                    $hooks
                };
                if run.is_over($retry, &mut $call, &flow, &hooks, &mut budget) {
                    break flow;
                }
                match run.next(($retry, $written), &mut $call, flow, &hooks, &mut budget) {
                    ::core::result::Result::Ok(delay) => delay,
                    ::core::result::Result::Err(flow) => break flow,
                }
            };
            $crate::__wait!($mode, delay);
            let granted = run.again($retry, &mut $call, &$retried, &mut budget);
            if let ::core::result::Result::Err(rejected) = granted {
                break ::core::result::Result::Err(rejected);
            }
        }
    }};
}

/// Waits in the manner of the function.
#[doc(hidden)]
#[macro_export]
macro_rules! __wait {
    (async, $delay:expr) => {
        $crate::__rt::wait($delay).await
    };
    (blocking, $delay:expr) => {
        $crate::__rt::block($delay)
    };
}
