//! # Adaptive throttler
//!
//! Refuses a share of the calls while too many of them fail, here instead of at the service that is
//! overloaded; the more fail, the more it refuses.
//!
//! Unlike a circuit breaker it never stops all calls: some always find out whether the service is
//! well again, and it follows within one period.
//!
//! ## How it decides
//!
//! It counts the outcomes of the last period, in twenty slices of it. As long as there are fewer
//! calls than `failure_rate` asks for, every call goes through. From then on the share
//!
//! ```text
//! max(0, calls - successes / (1 - failure rate)) / (calls + 1)
//! ```
//!
//! of the calls is refused, by chance, and never more than `max_rejection`: as many as were too many
//! for the successes there were. At 10 %, nothing is refused while at most a tenth of the calls
//! fails; when half of them fail, 44 % are refused. This is the client-side throttling of Google's
//! [Site Reliability Engineering](https://sre.google/sre-book/handling-overload/), whose factor `K` is
//! `1 / (1 - failure rate)`, in the form of failsafe-go: refused calls are not counted. Outcomes leave
//! the period as time passes, also while nobody calls. While nothing fails, a call takes no lock
//! before it goes through, and asks neither clock nor chance.
//!
//! **With a prioritizer** ([`mod@crate::prioritizer`]) the level of a call decides instead of chance: at
//! or above the threshold it goes through; below it `max_rejection` of the calls are refused. The
//! threshold is that of all policies of the prioritizer together. Every call that asks counts among
//! the levels, also one that is refused.
//!
//! ## Defaults
//!
//! | option | default | unit |
//! |---|---|---|
//! | `failure_rate` | `"10% in 1m"` | share of calls in a period |
//! | `max_rejection` | 0.9 | share of calls |
//! | `max_keys` | 1000 | keys, where there is a `key` |
//! | `key_idle` | `"10m"` | duration |
//!
//! ## Events
//!
//! `success`, `failure`, `rejected`. Listeners: `on_throttled`, `on_success`, `on_failure`.
//!
//! ## At run time
//!
//! An instance takes a change of its settings at once, and keeps what it has counted, as far as it is in
//! the new period.
//!
//! Switched off, every call goes through and nothing is counted. When it only observes, it counts the
//! outcomes of the calls that it would let through, tells `rejected` of the others, and lets them run.
//! Both hold for permits asked for by hand too, and for outcomes recorded without one.
//!
//! ## Cancel safety
//!
//! A call that is dropped or panics counts as neither success nor failure.
//!
//! ## Order
//!
//! Inside a retry, so that each attempt is counted and retries are refused as well; outside a
//! timeout, so that timeouts count as failures.

mod builder;
mod core;
mod instance;
mod permit;

pub use crate::judged::{Calls, Hooks};
pub use builder::AdaptiveThrottlerBuilder;
pub use permit::Permit;

use crate::as_policy::AsPolicy;
use crate::attempt::{Call, Counters};
use crate::events::What;
use crate::executor::conditions::{ByOutcome, Classify};
use crate::guard::guard;
use crate::judged::{JudgedCall, judged_event};
use crate::keyed::keyed;
use crate::listener::{Hear, Unheard, counted};
use crate::live::Mode;
use crate::outcome::Flow;
use crate::prioritizer::Prioritizer;
use crate::priority::{Caller, Level};
use crate::registry::Registry;
use crate::rejected::{Kind, Rejected};
use crate::site::Declaration;
use crate::source::{Source, handle};
use crate::stateful::Stateful;
use crate::window::Counts;
use failsafe_config::AdaptiveThrottlerConfig;
use instance::Instance;
use permit::enter;
use serde::Serialize;
use std::sync::{Arc, OnceLock};

judged_event! {
    /// What a listener of an adaptive throttler hears of one call that it let through.
    AdaptiveThrottlerEvent of "throttler"
}

/// An adaptive throttler has refused a call.
#[derive(Debug)]
pub struct ThrottledEvent<'a> {
    name: &'a str,
    counters: Counters,
    rejection_rate: f64,
    level: Option<Level>,
}

impl ThrottledEvent<'_> {
    /// The name of the throttler.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// What happened: `Rejected`.
    pub const fn what(&self) -> What {
        What::Rejected(Kind::Throttled)
    }

    /// The share of the calls that is refused, from 0 to 1: the prioritizer's, if there is one.
    pub const fn rejection_rate(&self) -> f64 {
        self.rejection_rate
    }

    /// The level of the call; none without a prioritizer.
    pub const fn level(&self) -> Option<Level> {
        self.level
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        name == "throttled"
    }
}

counted!(ThrottledEvent<'_>);

/// What an adaptive throttler has counted in the period that ends now. Calls that it refused, and
/// calls that were cancelled, are not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Metrics {
    executions: u64,
    failures: u64,
    successes: u64,
}

impl Metrics {
    const fn new(counts: Counts) -> Self {
        let Counts { successes, failures } = counts;
        Self { executions: counts.executions(), failures, successes }
    }

    /// Calls in the period.
    pub const fn executions(&self) -> u64 {
        self.executions
    }

    /// Failures in the period.
    pub const fn failures(&self) -> u64 {
        self.failures
    }

    /// Successes in the period.
    pub const fn successes(&self) -> u64 {
        self.successes
    }

    /// The share of failures, from 0 to 1; 0 when nothing was counted.
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn failure_rate(&self) -> f64 {
        if self.executions == 0 { 0.0 } else { self.failures as f64 / self.executions as f64 }
    }
}

/// Makes hooks of the expressions in an attribute; the outcome tells the closures their types.
#[inline]
pub fn calls<R, F, L>(
    _outcome: &Flow<R>,
    failed: F,
    hear: Option<L>,
) -> impl Hooks<R> + use<R, F, L>
where
    F: Fn(&Flow<R>) -> bool,
    L: Fn(&AdaptiveThrottlerEvent<'_, R>),
{
    let hear = hear.map(|hear| move |call: JudgedCall<'_, R>| hear(&AdaptiveThrottlerEvent(call)));
    Calls { failed, delay: |_: &Flow<R>| None, describe: |_: &R| String::new(), hear }
}

/// An adaptive throttler: a handle of one; clones share its state.
///
/// ```
/// # use failsafe_runtime::AdaptiveThrottler;
/// let throttler = AdaptiveThrottler::builder().failure_rate("10% of 5 in 1m").build();
///
/// for _ in 0..5 {
///     let permit = throttler.try_acquire().expect("too few calls to decide");
///     permit.failure();
/// }
/// assert!(throttler.rejection_rate() > 0.8);
/// ```
#[derive(Clone)]
pub struct AdaptiveThrottler<H = ByOutcome> {
    source: Source<Instance>,
    /// Who makes its calls, as far as the builder was told.
    caller: Caller,
    hooks: H,
}

impl AdaptiveThrottler {
    /// A throttler as an attribute or `policy!` declares it.
    #[doc(hidden)]
    pub const fn declared(
        (declaration, _): (&'static Declaration, AdaptiveThrottlerConfig),
    ) -> Self {
        let source = Source::Declared(declaration, OnceLock::new());
        Self { source, caller: Caller::new(), hooks: ByOutcome::new() }
    }

    /// Builds a throttler at run time.
    pub const fn builder() -> AdaptiveThrottlerBuilder {
        AdaptiveThrottlerBuilder::new()
    }

    fn of_instance(instance: Arc<Instance>) -> Self {
        let source = Source::Built(instance);
        Self { source, caller: Caller::new(), hooks: ByOutcome::new() }
    }
}

impl<H> AdaptiveThrottler<H> {
    /// Lets a call through, or not. Say how the call ended with the permit.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        self.acquire().ok()
    }

    /// Lets a call through, or says why not.
    ///
    /// # Errors
    ///
    /// A rejection of kind [`Kind::Throttled`].
    ///
    /// ```
    /// # use failsafe_runtime::{AdaptiveThrottler, Rejected};
    /// # fn send() -> std::io::Result<()> { Ok(()) }
    /// # fn main() -> Result<(), Rejected> {
    /// let throttler = AdaptiveThrottler::builder().build();
    /// let permit = throttler.acquire()?;
    /// match send() {
    ///     Ok(()) => permit.success(),
    ///     Err(_) => permit.failure(),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn acquire(&self) -> Result<Permit<'_>, Rejected> {
        let caller = |settings| self.caller.clone().or(&settings);
        self.admit(None, caller, Counters::default, &Unheard)
    }

    /// The same for a caller: it is stronger than the one around the call. Without a prioritizer all
    /// callers have the same chance.
    ///
    /// # Errors
    ///
    /// A rejection of kind [`Kind::Throttled`].
    pub fn acquire_for(&self, caller: Caller) -> Result<Permit<'_>, Rejected> {
        self.admit(None, |settings| caller.or(&settings), Counters::default, &Unheard)
    }

    /// Records a success, without a permit.
    pub fn record_success(&self) {
        self.note(false);
    }

    /// Records a failure, without a permit.
    pub fn record_failure(&self) {
        self.note(true);
    }

    /// Records an outcome, without a permit, as its conditions judge it.
    pub fn record<R>(&self, outcome: R)
    where
        H: Classify<R>,
    {
        self.note(self.hooks.is_failure(&Ok(outcome)));
    }

    fn note(&self, failed: bool) {
        self.source.look(|instance| {
            if instance.mode() != Mode::Off {
                instance.record(failed);
            }
        });
    }

    /// The share of the calls that is refused now, from 0 to 1: the prioritizer's, if it has one.
    pub fn rejection_rate(&self) -> f64 {
        self.source.look(Instance::rejection_rate)
    }

    /// What it has counted in the period that ends now.
    pub fn metrics(&self) -> Metrics {
        self.source.look(Instance::metrics)
    }

    /// Forgets what was counted.
    pub fn reset(&self) {
        self.source.look(Stateful::reset);
    }

    /// Lets a call of a function through, or says why not.
    ///
    /// # Errors
    ///
    /// A rejection of kind [`Kind::Throttled`].
    #[doc(hidden)]
    #[inline]
    pub fn enter<L>(
        &self,
        call: &Call,
        prioritizer: Option<&Prioritizer>,
        caller: impl FnOnce(Caller) -> Caller,
        hear: &L,
    ) -> Result<Permit<'_>, Rejected>
    where
        L: for<'e> Hear<ThrottledEvent<'e>>,
    {
        let caller = |settings| caller(settings).or(&self.caller);
        self.admit(prioritizer, caller, || call.counters(), hear)
    }

    #[inline]
    fn admit<L>(
        &self,
        prioritizer: Option<&Prioritizer>,
        caller: impl FnOnce(Caller) -> Caller,
        counters: impl Fn() -> Counters,
        hear: &L,
    ) -> Result<Permit<'_>, Rejected>
    where
        L: for<'e> Hear<ThrottledEvent<'e>>,
    {
        enter(self.source.hold(), || self.source.share(), (prioritizer, caller), counters, hear)
    }
}

impl AsPolicy<Self> for AdaptiveThrottler {
    fn as_policy(&self) -> &Self {
        self
    }
}

impl Registry {
    /// The adaptive throttler of that name: the live one, or a new one if it is declared somewhere in
    /// the binary but nobody has called it yet.
    pub fn adaptive_throttler(&self, name: &str) -> Option<AdaptiveThrottler> {
        self.find("adaptive_throttler", name, Instance::declared)
            .map(AdaptiveThrottler::of_instance)
    }
}

/// A call through an adaptive throttler, for asynchronous and blocking bodies alike. Only the permit
/// lives across the attempt.
#[doc(hidden)]
#[macro_export]
macro_rules! __adaptive_throttler {
    (
        $call:expr,
        $throttler:expr,
        ($prioritizer:expr, $caller:expr),
        $hear:expr,
        |$flow:ident| $hooks:expr,
        $attempt:expr
    ) => {
        'admitted: {
            let throttler = $throttler;
            let permit = match throttler.enter(&$call, $prioritizer, $caller, &$hear) {
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
            permit.settle(&mut $call, &flow, &hooks);
            flow
        }
    };
}

macro_rules! around {
    ($_mode:ident $call:expr, $this:expr, $attempt:expr) => {
        crate::__adaptive_throttler!(
            $call,
            $this,
            (None, |settings| settings),
            Unheard,
            |_flow| &$this.hooks,
            $attempt
        )
    };
}

handle!(AdaptiveThrottler<H>, AdaptiveThrottlerConfig);
guard!(AdaptiveThrottler<H: Hooks>, around);

keyed! {
    /// The throttlers of a declaration with `key = ..`.
    KeyedAdaptiveThrottler of AdaptiveThrottler, AdaptiveThrottlerConfig
}
