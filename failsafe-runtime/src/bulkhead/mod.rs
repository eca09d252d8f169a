//! # Bulkhead
//!
//! Lets so many calls run at a time, and lets the others wait or refuses them.
//!
//! ## How it decides
//!
//! A call takes a place and gives it back when it is over. While all places are in use, a call
//! waits for one, for `wait` at the longest and if fewer than `queue` calls wait already; else it is
//! refused. Calls that wait are served first come, first served: a place that becomes free goes to
//! the one that has waited longest, and no call that comes later can take it. A place that is given
//! at the very end of a wait is kept. While no call waits, a call takes no lock.
//!
//! ## Defaults
//!
//! | option | default | unit |
//! |---|---|---|
//! | `max` | none: it must be written | calls at a time |
//! | `wait` | `"0s"` | duration |
//! | `queue` | any number | calls that wait |
//! | `max_keys` | 1000 | keys, where there is a `key` |
//! | `key_idle` | `"10m"` | duration |
//!
//! ## Events
//!
//! `rejected`. Listeners: `on_full`.
//!
//! ## At run time
//!
//! An instance takes a change of its settings at once. Further places go to those who wait; where there
//! are fewer, calls keep the places they have, and nobody gets one before enough are given back. `wait`
//! and `queue` hold for calls that ask after it.
//!
//! Switched off, every call goes at once and takes no place. When it only observes, every call goes at
//! once and takes a place, so that there may be more of them in flight than `max`; those beyond it
//! stand for the ones that would wait, and it tells `rejected` of a call that would be refused at once.
//! Those who wait when it is switched get places. Both hold for places asked for by hand too.
//!
//! ## Cancel safety
//!
//! A call that is dropped or panics gives its place back. One that is dropped while it waits leaves
//! the queue, and a place it was given in that moment goes to the next.
//!
//! ## Order
//!
//! Inside a retry, so that a call holds no place while it waits for its next attempt; inside a
//! timeout, so that the wait counts.

mod builder;
mod event;
mod instance;
mod permit;

pub use builder::BulkheadBuilder;
pub use event::BulkheadFullEvent;
pub use permit::{Entry, Permit, Waiter};

use crate::as_policy::AsPolicy;
use crate::attempt::{Call, Counters};
use crate::guard::guard;
use crate::keyed::keyed;
use crate::listener::{Hear, Unheard};
use crate::registry::Registry;
use crate::rejected::Rejected;
use crate::site::Declaration;
use crate::source::{Source, handle};
use failsafe_config::BulkheadConfig;
use instance::Instance;
use permit::{enter, let_through, refuse};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A bulkhead: a handle of one; clones share its places.
///
/// ```
/// # use failsafe_runtime::Bulkhead;
/// let bulkhead = Bulkhead::builder(1).build();
///
/// let permit = bulkhead.try_acquire().expect("it has a place");
/// assert!(bulkhead.try_acquire().is_none());
/// drop(permit);
/// assert!(bulkhead.try_acquire().is_some());
/// ```
#[derive(Clone)]
pub struct Bulkhead {
    source: Source<Instance>,
}

impl Bulkhead {
    /// A bulkhead as an attribute or `policy!` declares it.
    #[doc(hidden)]
    pub const fn declared((declaration, _): (&'static Declaration, BulkheadConfig)) -> Self {
        Self { source: Source::Declared(declaration, OnceLock::new()) }
    }

    /// Builds a bulkhead at run time, for so many calls at a time, at least 1.
    pub fn builder(max: u32) -> BulkheadBuilder {
        BulkheadBuilder::new(max)
    }

    fn of_instance(instance: Arc<Instance>) -> Self {
        Self { source: Source::Built(instance) }
    }

    /// How many places are in use.
    pub fn in_flight(&self) -> u32 {
        self.source.look(|instance| instance.load().in_flight)
    }

    /// How many calls wait for a place.
    pub fn waiting(&self) -> u32 {
        self.source.look(|instance| instance.load().waiting)
    }

    /// Takes a place, if one is free.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        match enter(self.source.hold(), Some(Duration::ZERO)) {
            Entry::Entered(permit) => Some(permit),
            Entry::Queued(_) | Entry::Full => let_through(self.source.hold()),
        }
    }

    /// Waits for a place, however long.
    ///
    /// # Errors
    ///
    /// When as many calls wait as may: a rejection of kind
    /// [`Kind::BulkheadFull`](crate::Kind::BulkheadFull).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it leaves the queue.
    pub async fn acquire(&self) -> Result<Permit<'_>, Rejected> {
        self.acquire_timeout(Duration::MAX).await
    }

    /// Waits for a place, at most so long.
    ///
    /// # Errors
    ///
    /// When there is none by then, or as many calls wait as may: a rejection of kind
    /// [`Kind::BulkheadFull`](crate::Kind::BulkheadFull).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it leaves the queue.
    pub async fn acquire_timeout(&self, wait: Duration) -> Result<Permit<'_>, Rejected> {
        let permit = match enter(self.source.hold(), Some(wait)) {
            Entry::Entered(permit) => Some(permit),
            Entry::Queued(waiter) => waiter.wait().await,
            Entry::Full => None,
        };
        permit.map_or_else(|| refuse(self.source.hold(), Counters::default(), &Unheard), Ok)
    }

    /// Blocks the thread until there is a place, at most so long; [`Duration::MAX`] is without end.
    ///
    /// # Errors
    ///
    /// When there is none by then, or as many calls wait as may: a rejection of kind
    /// [`Kind::BulkheadFull`](crate::Kind::BulkheadFull).
    pub fn acquire_blocking(&self, wait: Duration) -> Result<Permit<'_>, Rejected> {
        let permit = match enter(self.source.hold(), Some(wait)) {
            Entry::Entered(permit) => Some(permit),
            Entry::Queued(waiter) => waiter.block(),
            Entry::Full => None,
        };
        permit.map_or_else(|| refuse(self.source.hold(), Counters::default(), &Unheard), Ok)
    }

    /// Asks for a place for a call of a function.
    #[doc(hidden)]
    pub fn enter(&self) -> Entry<'_> {
        enter(self.source.hold(), None)
    }

    /// What a call without a place is told, and whether it goes on all the same.
    ///
    /// # Errors
    ///
    /// If it does not.
    #[doc(hidden)]
    pub fn refuse<L>(&self, call: &Call, hear: &L) -> Result<Permit<'_>, Rejected>
    where
        L: for<'e> Hear<BulkheadFullEvent<'e>>,
    {
        refuse(self.source.hold(), call.counters(), hear)
    }
}

impl AsPolicy<Self> for Bulkhead {
    fn as_policy(&self) -> &Self {
        self
    }
}

impl Registry {
    /// The bulkhead of that name: the live one, or a new one if it is declared somewhere in the
    /// binary but nobody has called it yet.
    pub fn bulkhead(&self, name: &str) -> Option<Bulkhead> {
        self.find("bulkhead", name, Instance::declared).map(Bulkhead::of_instance)
    }
}

/// A call through a bulkhead. Only the permit lives across the attempt.
#[doc(hidden)]
#[macro_export]
macro_rules! __bulkhead {
    ($mode:ident $call:expr, $bulkhead:expr, $hear:expr, $attempt:expr) => {
        'admitted: {
            let bulkhead = $bulkhead;
            let entered = match bulkhead.enter() {
                $crate::bulkhead::Entry::Entered(permit) => ::core::option::Option::Some(permit),
                $crate::bulkhead::Entry::Queued(waiter) => {
                    $crate::__bulkhead!(@wait $mode waiter)
                }
                $crate::bulkhead::Entry::Full => ::core::option::Option::None,
            };
            let permit = match entered {
                ::core::option::Option::Some(permit) => permit,
                ::core::option::Option::None => {
                    let refused = {
                        let hear = $hear;
                        bulkhead.refuse(&$call, &hear)
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
            ::core::mem::drop(permit);
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
        crate::__bulkhead!($mode $call, $this, Unheard, $attempt)
    };
}

handle!(Bulkhead, BulkheadConfig);
guard!(Bulkhead, around);

keyed! {
    /// The bulkheads of a declaration with `key = ..`.
    KeyedBulkhead of Bulkhead, BulkheadConfig
}
