//! # Fail fast
//!
//! Refuses calls at once after failures, until somebody has found out that it is well again.
//!
//! ## How it decides
//!
//! So many `failures` in a row put it in the failed state, a success begins the count anew. The call
//! whose failure was the last one returns that failure. In the failed state every call is refused
//! with [`Kind::FailFast`](crate::Kind), and no call is tried on the body: what a circuit breaker
//! finds out by trial calls, a `probe` is asked here. [`recover`](FailFast::recover) ends the failed
//! state as well, and [`fail`](FailFast::fail) begins it.
//!
//! The probe is run by the first call that comes when `every` has passed, since it failed or since
//! the last probe ended. That call waits for it; the others are refused at once meanwhile. If the
//! probe says yes, that call goes on, and so do all later ones; else it is refused, and the next
//! probe is due after `every`. A probe that is async is dropped after `every`, and has said no. A
//! blocking one cannot be dropped: it should have a limit of its own; after `every` it no longer
//! counts, and another call may probe. A panic in a probe is a no. A service that nobody calls
//! recovers with its next call; one whose state is looked at without calls runs
//! [`watch`](FailFast::watch).
//!
//! `when` is asked at each call that would go on or probe; `true` refuses the call, and changes
//! nothing.
//!
//! An outcome counts only in the state its call began in: a late one does not touch the next.
//!
//! ## Defaults
//!
//! | option | default | unit |
//! |---|---|---|
//! | `failures` | 1 | failures in a row, or `unlimited`: only code puts it in the failed state |
//! | `every` | `"5s"` | duration |
//! | `max_keys` | 1000 | keys, where there is a `key` |
//! | `key_idle` | `"10m"` | duration |
//!
//! ## Events
//!
//! `success`, `failure`, `failed`, `recovered`, `rejected`. Listeners: `on_failed`, `on_recovered`,
//! `on_fail_fast`.
//!
//! `on_failed` and `on_recovered` in an attribute that use nothing of their function hear of every
//! change, whoever caused it: another function of that name, an operator, a test. Those that use the
//! function's arguments or `self` hear of the changes that calls of this function caused.
//!
//! ## At run time
//!
//! Another number of `failures` holds from the next outcome on, another `every` at once; one that has
//! failed stays failed. Switched off, every call goes on, no call probes, and no outcome is counted.
//! When it only observes, it counts and changes its state, and tells of calls that it would refuse,
//! which go on. No call waits for a probe then: the call that would probe goes on, and its own outcome
//! is the answer. [`watch`](FailFast::watch) and [`probe_now`](FailFast::probe_now) probe as ever.
//! The fail-fasts of an attribute with a `key` are told what the attribute is told.
//!
//! ## Cancel safety
//!
//! A call that is dropped or panics counts as neither success nor failure. One that is dropped while
//! it probes drops the probe, and the next call may probe at once.
//!
//! ## Order
//!
//! Outside a retry, so that a call fails only when its retries have run out, and a refusal is not
//! retried.

#![expect(clippy::inline_always, reason = "a call across it costs more than the decision")]

mod builder;
mod core;
mod instance;
mod permit;

pub use crate::judged::{Calls, Hooks};
pub use crate::probe::{Ask, Asking, Later, Now, Probed, Probing, Verdict};
pub use builder::FailFastBuilder;
pub use permit::{Asked, Entry, Permit, Turn};

#[doc(hidden)]
pub use crate::probe::{probing, probing_now, shared, shared_now};

use crate::as_policy::AsPolicy;
use crate::attempt::{Call, Counters, LastFailure};
use crate::clock::{self, Moment};
use crate::executor::conditions::{ByOutcome, Classify};
use crate::guard::guard;
use crate::judged::JudgedCall;
use crate::keyed::keyed;
use crate::listener::{Hear, Unheard, counted, listeners};
use crate::live::Mode;
use crate::outcome::Flow;
use crate::registry::Registry;
use crate::rejected::Rejected;
use crate::site::Declaration;
use crate::source::{Source, handle};
use failsafe_config::FailFastConfig;
use instance::Instance;
use permit::{Holder, enter};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::Duration;

/// What a listener of a fail-fast hears.
#[derive(Debug, Clone, Copy)]
pub struct FailFastEvent<'a> {
    name: &'a str,
    what: &'static str,
    counters: Counters,
    failures: u32,
    failed_for: Option<Duration>,
    why: Option<&'a LastFailure>,
}

impl<'a> FailFastEvent<'a> {
    /// The name of the fail-fast, or the path of its function.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// The failures in a row that led to the failed state; 0 where code did.
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// How the call failed that led to the failed state; `None` where code did.
    pub const fn last_failure(&self) -> Option<&'a LastFailure> {
        self.why
    }

    /// How long the failed state has lasted; `None` for a call that `when` refused outside of it.
    pub const fn failed_for(&self) -> Option<Duration> {
        self.failed_for
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        self.what == name
    }
}

counted!(FailFastEvent<'_>);

listeners! {
    /// What a declaration has that uses nothing of the function it stands on: it belongs to the
    /// instance, whoever uses that.
    Listeners {
        /// Hears when it entered the failed state.
        on_failed: fn(&FailFastEvent<'_>),
        /// Hears when it recovered.
        on_recovered: fn(&FailFastEvent<'_>),
        /// Is asked whether it has recovered.
        probe: Ask,
    }
}

/// Makes hooks of the expressions in an attribute; the outcome tells the closures their types.
#[inline]
pub fn calls<R, F, W>(_outcome: &Flow<R>, failed: F, describe: W) -> impl Hooks<R> + use<R, F, W>
where
    F: Fn(&Flow<R>) -> bool,
    W: Fn(&R) -> String,
{
    Calls { failed, delay: |_: &Flow<R>| None, describe, hear: None::<fn(JudgedCall<'_, R>)> }
}

/// A fail-fast: a handle of one; clones share its state.
///
/// ```
/// # use failsafe_runtime::FailFast;
/// let database = FailFast::builder().failures(2).build();
///
/// for _ in 0..2 {
///     let permit = database.try_acquire().expect("it has not failed");
///     permit.failure_of("connection refused");
/// }
/// assert!(database.is_failed());
/// assert!(database.try_acquire().is_none());
/// assert_eq!(database.last_failure().unwrap().to_string(), "connection refused");
///
/// database.recover();
/// assert!(database.try_acquire().is_some());
/// ```
#[derive(Clone)]
pub struct FailFast<H = ByOutcome> {
    source: Source<Instance>,
    pub(crate) hooks: H,
}

impl FailFast {
    /// A fail-fast as an attribute or `policy!` declares it.
    #[doc(hidden)]
    pub const fn declared((declaration, _): (&'static Declaration, FailFastConfig)) -> Self {
        let source = Source::Declared(declaration, OnceLock::new());
        Self { source, hooks: ByOutcome::new() }
    }

    /// Builds a fail-fast at run time.
    pub fn builder() -> FailFastBuilder {
        FailFastBuilder::new()
    }

    fn of_instance(instance: Arc<Instance>) -> Self {
        Self { source: Source::Built(instance), hooks: ByOutcome::new() }
    }
}

impl<H> FailFast<H> {
    /// Whether it is in the failed state. No probe is run.
    pub fn is_failed(&self) -> bool {
        self.source.look(Instance::is_failed)
    }

    /// Since when it is in the failed state, if it is.
    pub fn failed_since(&self) -> Option<Moment> {
        self.source.look(|instance| Some(instance.episode()?.since))
    }

    /// How long it has been in the failed state, if it is.
    pub fn failed_for(&self) -> Option<Duration> {
        self.failed_since().map(|since| Moment::now().since(since))
    }

    /// How the call failed that led to the failed state, if it is in it and a call led to it.
    pub fn last_failure(&self) -> Option<LastFailure> {
        self.source.look(|instance| instance.episode()?.why.as_deref().cloned())
    }

    /// Failures in a row; in the failed state, those that led to it.
    pub fn failures(&self) -> u32 {
        self.source.look(Instance::failures)
    }

    /// How long until a call may run the probe; `None` outside of the failed state, and where the
    /// probe uses the arguments of a function, which knows of it alone.
    pub fn until_probe(&self) -> Option<Duration> {
        self.source.look(Instance::until_probe)
    }

    /// Puts it in the failed state. Nothing happens if it is in it.
    pub fn fail(&self) {
        let change = |instance: &Instance| {
            instance.change(|| None, Counters::default(), &Unheard, core::Core::fail);
        };
        self.source.look(change);
    }

    /// Ends the failed state. Nothing happens outside of it.
    pub fn recover(&self) {
        self.source.look(|instance| instance.end(core::Core::recover));
    }

    /// Ends the failed state and forgets the failures that were counted.
    pub fn reset(&self) {
        self.source.look(|instance| instance.end(core::Core::reset));
    }

    /// Lets a call go on, or not. No probe is run. Say how the call ended with the permit.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        let holder = self.source.hold();
        if holder.get().is_failed() && holder.get().mode() == Mode::On {
            return None;
        }
        match enter(holder, false, || false) {
            Entry::Entered(permit) => Some(permit),
            // A turn goes to the next call.
            Entry::Due(_) | Entry::Refused => self.observe(false, &Call::new(), &Unheard),
        }
    }

    /// Lets a call go on, or says why not and when to come back. No probe is run.
    ///
    /// # Errors
    ///
    /// A rejection of kind [`Kind::FailFast`](crate::Kind::FailFast).
    pub fn acquire(&self) -> Result<Permit<'_>, Rejected> {
        let refuse = |instance: &Instance| instance.refuse(false, Counters::default(), &Unheard);
        self.try_acquire().ok_or_else(|| self.source.look(refuse))
    }

    /// Records a success, without a permit.
    pub fn record_success(&self) {
        self.record_judged(false);
    }

    /// Records a failure, without a permit.
    pub fn record_failure(&self) {
        self.record_judged(true);
    }

    /// Records an outcome, without a permit, as its conditions judge it.
    pub fn record<R>(&self, outcome: R)
    where
        H: Classify<R>,
    {
        self.record_judged(self.hooks.is_failure(&Ok(outcome)));
    }

    fn record_judged(&self, failed: bool) {
        self.source.look(|instance| {
            let most = instance.config().get_failures();
            instance.change(
                || None,
                Counters::default(),
                &Unheard,
                |core, now| core.record(now, failed, most),
            );
        });
    }

    /// Runs the probe now, if it is in the failed state, also if none is due; whether calls may pass
    /// afterwards. For a health endpoint. While another probe is under way none is run.
    ///
    /// Its probe is the one of the builder or of `policy!`, or that of an attribute of its name, if
    /// that uses nothing of its function. Without one it only looks.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it drops the probe, and the next call may probe at once.
    pub async fn probe_now(&self) -> bool {
        if let Some(turn) = self.turn_now() {
            return turn.ask_itself().await.end_alone().is_some();
        }
        !self.is_failed()
    }

    /// The same in blocking code; a probe that is async is not run.
    pub fn probe_now_blocking(&self) -> bool {
        if let Some(turn) = self.turn_now() {
            return turn.block_itself().end_alone().is_some();
        }
        !self.is_failed()
    }

    fn turn_now(&self) -> Option<Turn<'_>> {
        let holder = self.source.hold();
        holder.get().every(false)?;
        let number = holder.get().turn_now()?;
        Some(Turn::new(holder, number))
    }

    /// Runs the probe whenever it is due, without waiting for a call, for as long as this is polled:
    /// for services whose state is looked at while nobody calls. Spawn it.
    ///
    /// It never ends, unless there is no probe (see [`probe_now`](Self::probe_now)): then at once.
    ///
    /// ```
    /// # use failsafe_runtime::{FailFast, testing::VirtualTime};
    /// # use std::time::Duration;
    /// let database = FailFast::builder().probe(|| true).every("10s").build();
    /// database.fail();
    ///
    /// VirtualTime::new().run(async {
    ///     // A program would spawn `database.watch()`.
    ///     tokio::select! {
    ///         () = database.watch() => {}
    ///         () = VirtualTime::sleep(Duration::from_secs(11)) => {}
    ///     }
    /// });
    /// assert!(!database.is_failed());
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropped, it drops the probe under way, and the next call may probe at once.
    pub async fn watch(&self) {
        let instance = self.source.share();
        if instance.every(false).is_none() {
            return;
        }
        loop {
            // Made before the look, so that no change after it is missed.
            let changed = instance.changed().notified();
            match instance.until_probe() {
                None => changed.await,
                Some(rest) if !rest.is_zero() => first_of(changed, clock::wait(rest)).await,
                Some(_) => {
                    if let core::Admission::Probes(number) = instance.admit(false) {
                        let turn = Turn::new(Holder::Borrowed(&instance), number);
                        drop(turn.ask_itself().await.end_alone());
                    }
                }
            }
        }
    }

    /// Whether a call of a function goes on, which may have a probe of its own.
    #[doc(hidden)]
    #[inline(always)]
    pub fn enter(&self, by_caller: bool, when: impl FnOnce() -> bool) -> Entry<'_> {
        enter(self.source.hold(), by_caller, when)
    }

    /// Lets a call go on that it would refuse, if it only observes; then that is told.
    #[doc(hidden)]
    pub fn observe<L>(&self, by_caller: bool, call: &Call, hear: &L) -> Option<Permit<'_>>
    where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        self.source.look(|instance| permit::observe(instance, by_caller, call, hear))
    }

    /// What a call that does not go on is told.
    #[doc(hidden)]
    pub fn refuse<L>(&self, by_caller: bool, call: &Call, hear: &L) -> Rejected
    where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        self.source.look(|instance| instance.refuse(by_caller, call.counters(), hear))
    }
}

impl AsPolicy<Self> for FailFast {
    fn as_policy(&self) -> &Self {
        self
    }
}

impl Registry {
    /// The fail-fast of that name: the live one, or a new one if it is declared somewhere in the
    /// binary but nobody has called it yet.
    pub fn fail_fast(&self, name: &str) -> Option<FailFast> {
        self.find("fail_fast", name, Instance::declared).map(FailFast::of_instance)
    }
}

/// Waits for whichever of two is first.
async fn first_of(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|cx| match one.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => other.as_mut().poll(cx),
    })
    .await;
}

/// A call through a fail-fast. Only the permit lives across the attempt.
#[doc(hidden)]
#[macro_export]
macro_rules! __fail_fast {
    (
        $mode:ident $call:expr,
        $fail_fast:expr,
        $when:expr,
        $probe:tt,
        $hear:expr,
        |$flow:ident| $hooks:expr,
        $attempt:expr
    ) => {
        'admitted: {
            let fail_fast = $fail_fast;
            let hear = $hear;
            let entered = match fail_fast.enter($crate::__fail_fast!(@by_caller $probe), $when) {
                $crate::fail_fast::Entry::Entered(permit) => ::core::option::Option::Some(permit),
                $crate::fail_fast::Entry::Due(turn) => {
                    $crate::__fail_fast!(@ask $mode turn, $probe).end(&$call, &hear)
                }
                $crate::fail_fast::Entry::Refused => ::core::option::Option::None,
            };
            let by_caller = $crate::__fail_fast!(@by_caller $probe);
            let passes = entered.or_else(|| fail_fast.observe(by_caller, &$call, &hear));
            let ::core::option::Option::Some(permit) = passes else {
                let refused = fail_fast.refuse(by_caller, &$call, &hear);
                break 'admitted ::core::result::Result::Err(refused);
            };
            let flow = $attempt;
            let hooks = {
                let $flow = &flow;
                $hooks
            };
            permit.settle(&mut $call, &flow, &hooks, &hear);
            flow
        }
    };
    (@by_caller none) => {
        false
    };
    (@by_caller $probe:tt) => {
        true
    };
    (@ask async $turn:ident, none) => {
        $turn.ask_itself().await
    };
    (@ask blocking $turn:ident, none) => {
        $turn.block_itself()
    };
    (@ask async $turn:ident, { $probe:expr }) => {
        $turn.ask(|| $probe).await
    };
    (@ask blocking $turn:ident, { $probe:expr }) => {
        $turn.block(|| $probe)
    };
}

macro_rules! around {
    ($mode:ident $call:expr, $this:expr, $attempt:expr) => {
        crate::__fail_fast!($mode $call, $this, || false, none, Unheard, |_flow| &$this.hooks, $attempt)
    };
}

handle!(FailFast<H>, FailFastConfig);
guard!(FailFast<H: Hooks>, around);

keyed! {
    /// The fail-fasts of a declaration with `key = ..`.
    KeyedFailFast of FailFast, FailFastConfig
}
