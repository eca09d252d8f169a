//! # Rate limiter
//!
//! Lets so many calls through in so much time, and lets the others wait or refuses them.
//!
//! ## How it decides
//!
//! A call needs permits, one unless it says otherwise. **Smooth** permits come one by one, in equal
//! intervals (`"100/s"` is one every 10 ms). **Bursty** permits come all at once, at the start of
//! each period. What is not used in its interval or period is not saved. A call takes the next
//! permits that are free, also if their time is still to come, if the wait for them is at most
//! `wait`; else it is refused and takes none. Calls go in the order in which they came; permits that
//! a cancelled call gave back go to the next call that they suffice for. Intervals and periods count
//! from when the limiter was built, or first used if it is declared. A call may need more permits
//! than come at a time, and then waits for the last of them. The rules are those of failsafe-go, but
//! for debts and cancelled calls.
//!
//! ## Permits that never come
//!
//! A call that needs more permits than come in the longest `wait` that it may have is refused, whenever
//! it comes. Where an attribute says both in literals, the compiler says so; what a settings file says of
//! either is judged together with the other; [`check`](crate::check) finds a number of one attribute
//! that does not go with the rate of another one of its name, or with a constant. What stands beside an
//! instance, `#[rate_limiter(SEARCHES, permits = 2)]` or `self.limiter`, and what an expression makes is
//! known only when it is called: then the rejection has no
//! [`retry_after`](crate::Rejected::retry_after), and its source says what to write instead.
//!
//! ## Defaults
//!
//! | option | default | unit |
//! |---|---|---|
//! | the rate | none: `smooth` or `bursty` must be written | permits in a time |
//! | `wait` | `"0s"` | duration |
//! | `permits` | 1 | permits of a call |
//! | `max_keys` | 1000 | keys, where there is a `key` |
//! | `key_idle` | `"10m"` | duration |
//!
//! ## Events
//!
//! `rejected`. Listeners: `on_rate_limited`.
//!
//! ## At run time
//!
//! An instance takes a change of its settings at once. Permits that were used stay used, and owed ones
//! stay owed: the period under way goes on with the new rate, and what was used in it is never more
//! than one period holds. Those who wait keep their places and go by the new rate, but wait no longer
//! than they were told at first.
//!
//! Switched off, every call goes at once and takes nothing, and those who wait go. When it only
//! observes, a call takes the permits that it would get and goes at once; it tells `rejected` of a call
//! that would be refused, which takes none. Both hold for permits asked for by hand too.
//!
//! ## Cancel safety
//!
//! A call that is dropped while it waits gives its permits back, as far as their time has not
//! passed. One that runs has used them.
//!
//! ## Order
//!
//! Inside a retry, so that each attempt needs permits; inside a timeout, so that the wait counts.

mod builder;
mod core;
mod event;
mod instance;
mod waiter;

pub use builder::RateLimiterBuilder;
pub use event::RateLimitedEvent;
pub use waiter::Waiter;

use self::core::Grant;
use crate::as_policy::AsPolicy;
use crate::attempt::{Call, Counters};
use crate::guard::guard;
use crate::keyed::keyed;
use crate::listener::{Hear, Unheard};
use crate::live::Mode;
use crate::registry::Registry;
use crate::rejected::Rejected;
use crate::site::Declaration;
use crate::source::{Source, handle};
use failsafe_config::{IntoPace, RateLimiterConfig};
use instance::Instance;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use waiter::Holder;

/// A rate limiter: a handle of one; clones share its state.
///
/// ```
/// # use failsafe_runtime::RateLimiter;
/// let limiter = RateLimiter::bursty("2/1h").build();
///
/// assert!(limiter.try_acquire(1));
/// assert!(limiter.try_acquire(1));
/// assert!(!limiter.try_acquire(1));
/// ```
#[derive(Clone)]
pub struct RateLimiter {
    source: Source<Instance>,
}

impl RateLimiter {
    /// A limiter as an attribute or `policy!` declares it.
    #[doc(hidden)]
    pub const fn declared((declaration, _): (&'static Declaration, RateLimiterConfig)) -> Self {
        Self { source: Source::Declared(declaration, OnceLock::new()) }
    }

    /// Builds a limiter whose permits come one by one, in equal intervals: `"100/s"`, `"5/1m"`,
    /// `"1 per 10ms"`, or a [`Pace`](failsafe_config::Pace).
    pub fn smooth(pace: impl IntoPace) -> RateLimiterBuilder {
        RateLimiterBuilder::smooth(pace)
    }

    /// Builds a limiter whose permits come all at once, at the start of each period: `"100/s"`,
    /// `"5/1m"`, or a [`Pace`](failsafe_config::Pace).
    pub fn bursty(pace: impl IntoPace) -> RateLimiterBuilder {
        RateLimiterBuilder::bursty(pace)
    }

    fn of_instance(instance: Arc<Instance>) -> Self {
        Self { source: Source::Built(instance) }
    }

    /// How many permits may be used at once; below zero, how many have been taken in advance.
    pub fn available(&self) -> i64 {
        self.source.look(Instance::available)
    }

    /// Takes permits if they may be used at once. Zero permits are legal, and refused while calls
    /// have to wait.
    pub fn try_acquire(&self, permits: u32) -> bool {
        self.try_reserve(permits, Duration::ZERO).is_some()
    }

    /// Takes permits, and says how long to wait before they may be used. It always takes them: use
    /// them or not, they count.
    ///
    /// ```
    /// # use failsafe_runtime::{RateLimiter, testing::VirtualTime};
    /// # VirtualTime::new().blocking(|| {
    /// let limiter = RateLimiter::smooth("10/s").build();
    /// assert_eq!(limiter.reserve(1).as_millis(), 0);
    /// assert_eq!(limiter.reserve(1).as_millis(), 100);
    /// # });
    /// ```
    pub fn reserve(&self, permits: u32) -> Duration {
        self.try_reserve(permits, Duration::MAX).unwrap_or(Duration::MAX)
    }

    /// Takes permits and says how long to wait before they may be used; takes none if that is
    /// longer than `max_wait`.
    pub fn try_reserve(&self, permits: u32, max_wait: Duration) -> Option<Duration> {
        self.source.look(|instance| match instance.mode() {
            Mode::On => instance.take(permits, max_wait).ok().map(|grant| grant.wait),
            Mode::Observe => {
                // Taken or not, nobody waits.
                let _ = instance.take(permits, max_wait);
                Some(Duration::ZERO)
            }
            Mode::Off => Some(Duration::ZERO),
        })
    }

    /// Takes permits and waits until they may be used, however long.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it gives the permits back.
    pub async fn acquire(&self, permits: u32) {
        // No wait is too long, so it is not refused.
        let _ = self.acquire_within(permits, Duration::MAX).await;
    }

    /// Takes permits and waits until they may be used, at most so long.
    ///
    /// # Errors
    ///
    /// At once, without taking any, if the wait would be longer: a rejection of kind
    /// [`Kind::RateLimited`](crate::Kind::RateLimited).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it gives the permits back.
    pub async fn acquire_within(&self, permits: u32, max_wait: Duration) -> Result<(), Rejected> {
        if let Some(waiter) = self.admit(permits, Some(max_wait), Counters::default, &Unheard)? {
            waiter.wait().await;
        }
        Ok(())
    }

    /// Takes permits and blocks the thread until they may be used, however long.
    pub fn acquire_blocking(&self, permits: u32) {
        // No wait is too long, so it is not refused.
        let _ = self.acquire_blocking_within(permits, Duration::MAX);
    }

    /// Takes permits and blocks the thread until they may be used, at most so long.
    ///
    /// # Errors
    ///
    /// At once, without taking any, if the wait would be longer: a rejection of kind
    /// [`Kind::RateLimited`](crate::Kind::RateLimited).
    pub fn acquire_blocking_within(
        &self,
        permits: u32,
        max_wait: Duration,
    ) -> Result<(), Rejected> {
        if let Some(waiter) = self.admit(permits, Some(max_wait), Counters::default, &Unheard)? {
            waiter.block();
        }
        Ok(())
    }

    /// Makes all permits of now and later free. Calls that wait go when they would have.
    pub fn reset(&self) {
        self.source.look(crate::stateful::Stateful::reset);
    }

    /// Takes the permits of a call, which may have to wait for them, or refuses it.
    ///
    /// # Errors
    ///
    /// When the wait would be too long.
    #[doc(hidden)]
    pub fn enter<L>(
        &self,
        call: &Call,
        permits: u32,
        hear: &L,
    ) -> Result<Option<Waiter<'_>>, Rejected>
    where
        L: for<'e> Hear<RateLimitedEvent<'e>>,
    {
        self.admit(permits, None, || call.counters(), hear)
    }

    fn admit<L>(
        &self,
        permits: u32,
        max_wait: Option<Duration>,
        counters: impl FnOnce() -> Counters,
        hear: &L,
    ) -> Result<Option<Waiter<'_>>, Rejected>
    where
        L: for<'e> Hear<RateLimitedEvent<'e>>,
    {
        if let Some(instance) = self.source.at_hand() {
            let grant = enter(instance, permits, max_wait, counters, hear)?;
            return Ok(grant.map(|grant| Waiter::new(Holder::Borrowed(instance), grant)));
        }
        let instance = self.source.share();
        let grant = enter(&instance, permits, max_wait, counters, hear)?;
        Ok(grant.map(|grant| Waiter::new(Holder::Shared(instance), grant)))
    }
}

/// Takes permits of an instance, or refuses the call; what it has to wait for, if it has to.
fn enter<L>(
    instance: &Instance,
    permits: u32,
    max_wait: Option<Duration>,
    counters: impl FnOnce() -> Counters,
    hear: &L,
) -> Result<Option<Grant>, Rejected>
where
    L: for<'e> Hear<RateLimitedEvent<'e>>,
{
    let is_call = max_wait.is_none();
    // What code asks for by itself is what it gets.
    let (permits, max_wait) = max_wait.map_or_else(
        || {
            let config = instance.config();
            (config.get_permits().unwrap_or(permits), config.get_wait())
        },
        |max_wait| (permits, max_wait),
    );
    // Last, so that the permits go by nothing that is older than these options.
    let mode = instance.mode();
    if mode == Mode::Off {
        return Ok(None);
    }
    let taken = instance.take(permits, max_wait);
    let taken = taken.map_err(|wait| {
        let never = is_call.then(|| instance.config().check_permits(permits).err()).flatten();
        let when = never.map_or(Ok(wait.saturating_sub(max_wait)), Err);
        instance.refuse(permits, when, counters(), hear)
    });
    match (mode, taken) {
        (Mode::On, Err(rejected)) => Err(rejected),
        (Mode::On, Ok(grant)) => Ok((!grant.wait.is_zero()).then_some(grant)),
        // It goes at once, whatever became of it.
        (Mode::Observe | Mode::Off, _) => Ok(None),
    }
}

impl AsPolicy<Self> for RateLimiter {
    fn as_policy(&self) -> &Self {
        self
    }
}

impl Registry {
    /// The rate limiter of that name: the live one, or a new one if it is declared somewhere in the
    /// binary but nobody has called it yet.
    pub fn rate_limiter(&self, name: &str) -> Option<RateLimiter> {
        self.find("rate_limiter", name, Instance::declared).map(RateLimiter::of_instance)
    }
}

/// A call through a rate limiter. Nothing of it lives across the attempt.
#[doc(hidden)]
#[macro_export]
macro_rules! __rate_limiter {
    ($mode:ident $call:expr, $limiter:expr, $permits:expr, $hear:expr, $attempt:expr) => {
        'admitted: {
            {
                let permits: u32 = $permits;
                let limiter = $limiter;
                let entered = {
                    let hear = $hear;
                    limiter.enter(&$call, permits, &hear)
                };
                match entered {
                    ::core::result::Result::Ok(::core::option::Option::None) => {}
                    ::core::result::Result::Ok(::core::option::Option::Some(waiter)) => {
                        $crate::__rate_limiter!(@wait $mode waiter);
                    }
                    ::core::result::Result::Err(rejected) => {
                        break 'admitted ::core::result::Result::Err(rejected);
                    }
                }
            }
            $attempt
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
        crate::__rate_limiter!($mode $call, $this, 1, Unheard, $attempt)
    };
}

handle!(RateLimiter, RateLimiterConfig);
guard!(RateLimiter, around);

keyed! {
    /// The limiters of a declaration with `key = ..`.
    KeyedRateLimiter of RateLimiter, RateLimiterConfig
}
