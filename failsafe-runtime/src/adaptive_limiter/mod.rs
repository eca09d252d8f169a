//! # Adaptive limiter
//!
//! Lets as many calls run at a time as the service can take, and finds out how many that is from
//! their latency.
//!
//! ## How it decides
//!
//! The calls that come to their end are sampled: how long they took, and how many were in flight
//! when they began. A *window* of samples is full after at least `samples` of them, and not before
//! twice the shortest of them has passed (at least the first, at most the second time of `window`).
//! Then the limit is decided anew:
//!
//! 1. The *recent* latency is the `quantile` of the window, through a median of five windows and a
//!    moving average of five.
//! 2. The *baseline* is a moving average of the recent latency over `baseline` windows: what calls
//!    take while the service is well.
//! 3. The *queue* inside the service is estimated as in TCP Vegas: of the calls that the limit
//!    allows, the part by which the recent latency is above the baseline. More than 6 waiting are too
//!    many, fewer than 3 are too few.
//! 4. While the limiter is full, the correlations over `correlation` windows decide too: where
//!    throughput falls as more calls are in flight, or latency rises while throughput stays flat,
//!    there are too many.
//! 5. The limit moves by one, up or down (from 100 by two, from 1000 by the number of its tens), or
//!    stays. It does not rise beyond `max_limit_factor` times the calls that were in flight, nor
//!    leave `limits`.
//!
//! The rules and numbers are those of failsafe-go, which has them from TCP Vegas (Brakmo and
//! Peterson, 1995) and Netflix's concurrency-limits; the quantile is by a merging t-digest (Dunning
//! and Ertl, 2019). Three things are different:
//!
//! - **A long overload is not learned.** An average follows a bad latency until it is the baseline,
//!   and the limit stops falling. Here a healthy level bounds the baseline, which moves by
//!   `baseline_drift` at the most, and not up while the limiter is full and the rules of step 4 say
//!   that there are too many calls. A service that has become slower for good is followed all the
//!   same: slowly for the time of the drift, and then, if in all that time nothing spoke of overload,
//!   ten times faster. An operator can [`reset`](AdaptiveLimiter::reset) it at once. (Envoy's adaptive
//!   concurrency holds calls back every minute to measure the latency without them instead, which
//!   costs throughput; the least latency ever, as in TCP Vegas, never learns a slower service.)
//! - **Low traffic does not shrink the limit.** While less than half of the limit is in use it does
//!   not fall, as the Gradient2 limit of Netflix does not rise then. With `shrink_when_idle` it falls
//!   to `max_limit_factor` times the calls in flight.
//! - **Failing fast is not being fast.** A call that failed is sampled only if it took longer than the
//!   baseline, as one that timed out. What a failure is, conditions say; `handle_if = |_| false`
//!   samples every call.
//!
//! ## Waiting
//!
//! A call without a permit is refused, or waits in order for `wait`. With a `queue` it may wait
//! without end, but the longer the queue, the less likely it may: below the first length nobody is
//! refused, from the second on everybody, and in between by chance. The lengths are in limits, so
//! the queue grows and shrinks with the limit. A limit that becomes smaller takes no permit away.
//!
//! With a `prioritizer` the calls of low [priority](crate::priority) are refused first: while the
//! limiter is full and its queue has room, those whose level is below the prioritizer's threshold.
//! The queue is then 2 to 3 limits long unless it says otherwise.
//!
//! ## Defaults
//!
//! | option | default | unit |
//! |---|---|---|
//! | `limits` | `"1..200"` | calls at a time |
//! | `initial` | 20 | calls at a time |
//! | `max_limit_factor` | 5 | calls in flight |
//! | `max_limit_factor_decay` | 0 | of the factor, for each power of ten in flight |
//! | `min_limit_factor` | 1 | calls in flight |
//! | `stabilization` | `"0s"` | duration |
//! | `window` | `"1s..30s"` | durations |
//! | `samples` | 50 | calls |
//! | `quantile` | 0.9 | part of the samples |
//! | `baseline` | 10 | windows |
//! | `baseline_drift` | `"10% in 1h"` | part of the baseline, in a duration |
//! | `correlation` | 50 | windows |
//! | `shrink_when_idle` | false | |
//! | `queue` | none: of any length | limits |
//! | `wait` | not at all, or without end with a queue | duration |
//! | `max_keys` | 1000 | keys, where there is a `key` |
//! | `key_idle` | `"10m"` | duration |
//!
//! ## Events
//!
//! `limit_changed`, `rejected`. Listeners: `on_limit_changed`, `on_limit_exceeded`.
//!
//! ## At run time
//!
//! An instance takes a change of its settings at once, and keeps what it knows of latency. The limit
//! stays, or goes to the nearest of its new `limits`, which is no decision, so no listener hears of it;
//! `initial` holds for a [`reset`](AdaptiveLimiter::reset). Calls in flight keep their permits, and
//! `wait` and `queue` hold for calls that ask after it.
//!
//! Switched off, every call goes at once, takes no permit and is no sample. When it only observes, every
//! call goes at once and takes a permit, so that there may be more of them in flight than the limit,
//! which moves on; those beyond it stand for the ones that would wait, and it tells `rejected` of a call
//! that would be refused at once. Those who wait when it is switched get permits. Both hold for permits
//! asked for by hand too.
//!
//! ## Cancel safety
//!
//! A call that is dropped or panics gives its permit back, and is no sample. One that is dropped
//! while it waits leaves the queue, and a permit it was given in that moment goes to the next.
//!
//! ## Order
//!
//! Inside a retry, so that a call holds no permit while it waits for its next attempt; outside a
//! timeout, so that calls that take too long are samples.

mod baseline;
mod builder;
mod core;
mod correlation;
mod digest;
mod event;
mod instance;
mod metrics;
mod peak;
mod permit;
mod smoothing;
mod update;
mod window;

pub use crate::judged::{IntoHandled as IntoJudged, TypedHooks as Judged};
pub use builder::AdaptiveLimiterBuilder;
pub use event::{LimitChangedEvent, LimitExceededEvent, Listeners};
pub use metrics::Metrics;
pub use permit::{Entry, Permit, Waiter};
pub use update::{Direction, Reason, Update};

use crate::as_policy::AsPolicy;
use crate::attempt::{Call, Counters};
use crate::clock::nanos;
use crate::executor::conditions::{ByOutcome, Classify};
use crate::guard::guard;
use crate::keyed::keyed;
use crate::listener::{Hear, Unheard};
use crate::prioritizer::Prioritizer;
use crate::priority::Caller;
use crate::registry::Registry;
use crate::rejected::Rejected;
use crate::site::Declaration;
use crate::source::{Source, handle};
use crate::stateful::Stateful as _;
use failsafe_config::AdaptiveLimiterConfig;
use instance::Instance;
use permit::{Request, enter, let_through, refuse};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// An adaptive limiter: a handle of one; clones share its limit.
///
/// ```
/// # use failsafe_runtime::AdaptiveLimiter;
/// let limiter = AdaptiveLimiter::builder().limits("1..10").initial(2).build();
///
/// let permit = limiter.try_acquire().expect("two may run");
/// assert_eq!(limiter.metrics().in_flight(), 1);
/// permit.record(); // its latency is a sample
/// assert_eq!(limiter.metrics().in_flight(), 0);
/// ```
#[derive(Clone)]
pub struct AdaptiveLimiter<H = ByOutcome> {
    source: Source<Instance>,
    pub(crate) hooks: H,
}

impl AdaptiveLimiter {
    /// A limiter as an attribute or `policy!` declares it.
    #[doc(hidden)]
    pub const fn declared((declaration, _): (&'static Declaration, AdaptiveLimiterConfig)) -> Self {
        let source = Source::Declared(declaration, OnceLock::new());
        Self { source, hooks: ByOutcome::new() }
    }

    /// Builds a limiter at run time.
    pub fn builder() -> AdaptiveLimiterBuilder {
        AdaptiveLimiterBuilder::new()
    }

    fn of_instance(instance: Arc<Instance>) -> Self {
        Self { source: Source::Built(instance), hooks: ByOutcome::new() }
    }
}

impl<H> AdaptiveLimiter<H> {
    fn ask(&self, wait: Option<Duration>) -> Entry<'_> {
        let (caller, counters) = (|settings| settings, Counters::default);
        let request = Request { prioritizer: None, caller, counters, wait };
        enter(self.source.hold(), || self.source.share(), request)
    }

    fn granted<'a>(&'a self, permit: Option<Permit<'a>>) -> Result<Permit<'a>, Rejected> {
        permit.map_or_else(|| refuse(self.source.hold(), Counters::default(), &Unheard), Ok)
    }

    /// How many calls may be in flight.
    pub fn limit(&self) -> u32 {
        self.source.look(Instance::limit)
    }

    /// What it knows now.
    pub fn metrics(&self) -> Metrics {
        self.source.look(Instance::metrics)
    }

    /// Back to the initial limit, with nothing known of latency. Calls under way keep their permits.
    /// It is no decision, so no listener hears of it.
    pub fn reset(&self) {
        self.source.look(Instance::reset);
    }

    /// Whether a call would get a permit now, or might wait for one: by chance, where the queue is so
    /// long that a part of the calls is refused; by the [`Caller`] in force, where there is a
    /// prioritizer. It changes nothing.
    pub fn can_acquire(&self) -> bool {
        self.source.look(|instance| instance.can_acquire(&instance.said_of_callers().or_current()))
    }

    /// Takes a permit, if one is free. It neither waits nor looks at the queue's length.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        match self.ask(Some(Duration::ZERO)) {
            Entry::Entered(permit) => Some(permit),
            Entry::Queued(_) | Entry::Full => let_through(self.source.hold()),
        }
    }

    /// Takes a permit, waiting as long as a call of a function may: `wait`, or without end if there
    /// is a `queue`. Its priority is that of the [`Caller`] in force.
    ///
    /// # Errors
    ///
    /// When there is none by then, or too many calls wait: a rejection of kind
    /// [`Kind::LimitExceeded`](crate::Kind::LimitExceeded).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it leaves the queue.
    pub async fn acquire(&self) -> Result<Permit<'_>, Rejected> {
        self.wait_for(None).await
    }

    /// Waits for a permit, at most so long; [`Duration::MAX`] is without end.
    ///
    /// # Errors
    ///
    /// When there is none by then, or too many calls wait: a rejection of kind
    /// [`Kind::LimitExceeded`](crate::Kind::LimitExceeded).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it leaves the queue.
    pub async fn acquire_timeout(&self, wait: Duration) -> Result<Permit<'_>, Rejected> {
        self.wait_for(Some(wait)).await
    }

    async fn wait_for(&self, wait: Option<Duration>) -> Result<Permit<'_>, Rejected> {
        let permit = match self.ask(wait) {
            Entry::Entered(permit) => Some(permit),
            Entry::Queued(waiter) => waiter.wait().await,
            Entry::Full => None,
        };
        self.granted(permit)
    }

    /// Blocks the thread until there is a permit, at most so long; [`Duration::MAX`] is without end.
    ///
    /// # Errors
    ///
    /// When there is none by then, or too many calls wait: a rejection of kind
    /// [`Kind::LimitExceeded`](crate::Kind::LimitExceeded).
    pub fn acquire_blocking(&self, wait: Duration) -> Result<Permit<'_>, Rejected> {
        let permit = match self.ask(Some(wait)) {
            Entry::Entered(permit) => Some(permit),
            Entry::Queued(waiter) => waiter.block(),
            Entry::Full => None,
        };
        self.granted(permit)
    }

    /// Asks for a permit for a call of a function.
    #[doc(hidden)]
    pub fn enter(
        &self,
        call: &Call,
        prioritizer: Option<&Prioritizer>,
        caller: impl FnOnce(Caller) -> Caller,
    ) -> Entry<'_> {
        let counters = || call.counters();
        let request = Request { prioritizer, caller, counters, wait: None };
        enter(self.source.hold(), || self.source.share(), request)
    }

    /// What a call without a permit is told, and whether it goes on all the same.
    ///
    /// # Errors
    ///
    /// If it does not.
    #[doc(hidden)]
    pub fn refuse<L>(&self, call: &Call, hear: &L) -> Result<Permit<'_>, Rejected>
    where
        L: for<'e> Hear<LimitExceededEvent<'e>>,
    {
        refuse(self.source.hold(), call.counters(), hear)
    }

    /// Decides by a window that was made elsewhere: its smoothed latency in nanoseconds, its most
    /// calls in flight, and whether all permits were in use.
    #[doc(hidden)]
    pub fn update(&self, recent_nanos: f64, in_flight: u32, full: bool) -> Update {
        self.source.look(|instance| instance.update(recent_nanos, in_flight, full))
    }

    /// What the last full window said: quantile and shortest of the latencies in nanoseconds, how
    /// many samples, and how many nanoseconds after its start the limiter decides again.
    #[doc(hidden)]
    pub fn sampled(&self) -> Option<(f64, u64, u64, u64)> {
        let sampled = self.source.look(Instance::sampled)?;
        Some((sampled.quantile, sampled.shortest, sampled.samples, sampled.next))
    }
}

impl AsPolicy<Self> for AdaptiveLimiter {
    fn as_policy(&self) -> &Self {
        self
    }
}

impl Registry {
    /// The adaptive limiter of that name: the live one, or a new one if it is declared somewhere in
    /// the binary but nobody has called it yet.
    pub fn adaptive_limiter(&self, name: &str) -> Option<AdaptiveLimiter> {
        self.find("adaptive_limiter", name, Instance::declared).map(AdaptiveLimiter::of_instance)
    }
}

/// A call through an adaptive limiter. Only the permit lives across the attempt.
#[doc(hidden)]
#[macro_export]
macro_rules! __adaptive_limiter {
    (
        $mode:ident $call:expr,
        $limiter:expr,
        ($prioritizer:expr, $caller:expr),
        $failed:expr,
        ($hear:expr, $changes:expr),
        $attempt:expr
    ) => {
        'admitted: {
            let limiter = $limiter;
            let entered = match limiter.enter(&$call, $prioritizer, $caller) {
                $crate::adaptive_limiter::Entry::Entered(permit) => {
                    ::core::option::Option::Some(permit)
                }
                $crate::adaptive_limiter::Entry::Queued(waiter) => {
                    $crate::__adaptive_limiter!(@wait $mode waiter)
                }
                $crate::adaptive_limiter::Entry::Full => ::core::option::Option::None,
            };
            let permit = match entered {
                ::core::option::Option::Some(permit) => permit,
                ::core::option::Option::None => {
                    let refused = {
                        let hear = $hear;
                        limiter.refuse(&$call, &hear)
                    };
                    match refused {
                        ::core::result::Result::Ok(permit) => permit,
                        ::core::result::Result::Err(rejected) => {
                            break 'admitted ::core::result::Result::Err(rejected);
                        }
                    }
                }
            };
            let flow = $attempt;
            permit.settle(&$call, &flow, $failed, &$changes);
            flow
        }
    };
    (@wait async $waiter:ident) => {
        $waiter.wait().await
    };
    (@wait blocking $waiter:ident) => {
        $waiter.block()
    };
}

macro_rules! around {
    ($mode:ident $call:expr, $this:expr, $attempt:expr) => {
        crate::__adaptive_limiter!(
            $mode $call,
            $this,
            (None, |settings| settings),
            |flow| $this.hooks.is_failure(flow),
            (Unheard, Unheard),
            $attempt
        )
    };
}

handle!(AdaptiveLimiter<H>, AdaptiveLimiterConfig);
guard!(AdaptiveLimiter<H: Classify>, around);

keyed! {
    /// The limiters of a declaration with `key = ..`.
    KeyedAdaptiveLimiter of AdaptiveLimiter, AdaptiveLimiterConfig
}
