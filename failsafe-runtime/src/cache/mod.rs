//! # Cache
//!
//! Answers a call with what an earlier call of the same key returned, and runs the body once for all
//! calls that miss the same key at a time.
//!
//! ## How it decides
//!
//! `key` is evaluated once for each call. If there is a value under it that is younger than `ttl`, the
//! call is answered with a clone of it, and the body does not run. Else the body runs, and if its
//! outcome is a success, or what `cache_if` chooses, it is kept. A key of `None` is no key: the body
//! runs, and nothing is kept.
//!
//! **What is kept.** Of a `Result` the value in its `Ok`, of an `Option` the one in its `Some`, of any
//! other type the value itself; nothing is asked of the error. With `cache_if` the outcome is kept as
//! it is, if all of it can be cloned, so that an `Err` or a `None` can be kept too; if the error cannot
//! be cloned, an `Err` is never kept, whatever `cache_if` says. A rejection of a policy inside is never
//! kept.
//!
//! **Concurrent misses.** While a body runs for a key, other calls of that key wait for it and share
//! its value; calls of other keys do not notice. If there is no value in the end, because it failed,
//! panicked or was dropped, the call that has waited longest runs its own body, and the others wait for
//! that. So a service that is down hears of one call at a time for each key; but the last of many
//! waiters has then waited for all those before it. A `timeout` above the cache bounds that, and
//! `cache_if` can keep the failure for a while. Nobody is given the failure of somebody else: its error
//! may not be `Clone`, and an outcome that must not be kept must not be shared either. This is how
//! Caffeine and `quick_cache` have it.
//!
//! A body that calls its own function for its own key would wait for itself. That is noticed, and the
//! inner call runs; but not if it is made from a task that the body spawns and waits for, nor if two
//! bodies wait for each other's keys.
//!
//! **Room.** At most `capacity` values are kept; the store forgets what is used least, and values that
//! were used once only first (S3-FIFO, of the crate `quick_cache`). From 2048 values on it is divided
//! into parts for the sake of threads that write, so it may be full a little earlier. Time does not free
//! room: a value whose time is over goes when it is asked for, or when room is needed.
//!
//! **Types.** Functions that say one name share one cache if they agree in the types of key and value.
//! Where they do not, each pair of types has values and room of its own under that name: a value of
//! another type is never seen.
//!
//! **Cost.** A call that is answered hashes its key once, takes the read lock of one part of the store,
//! and clones the value under no lock; it allocates nothing, but what the clone does. A clock is read
//! only with `ttl`. Comparing keys (`Eq`) is the only code of yours that runs under a lock. A call that
//! has to run allocates the key, the value, and a place among those that run.
//!
//! ## Defaults
//!
//! | option | default | unit |
//! |---|---|---|
//! | `key` | none: it must be written | any `Hash + Eq + Clone` |
//! | `ttl` | none: until there is no room | duration |
//! | `capacity` | `1000` | values |
//!
//! ## Events
//!
//! `hit` for each call that is answered without running, also after a wait; `miss` for each that has to
//! run; `cached` when its outcome is kept. Listeners: `on_hit`, `on_miss`, `on_cached`.
//!
//! ## At run time
//!
//! Another `ttl` holds for the values there are, by their age; another `capacity` at once: the values
//! that are too many go, the others stay. A cache that was made for many values stays divided into as
//! many parts, and each keeps one value at least. Calls that run or wait are not disturbed.
//!
//! Switched off, every call runs its body, and none is answered, kept, counted or told; a call that
//! waits for another is still answered by that. [`get`](Cache::get), [`insert`](Cache::insert) and
//! [`invalidate`](Cache::invalidate) do what they say. The values stay, for when it is switched on
//! again: what changes meanwhile should be invalidated as ever.
//!
//! When it only observes, it counts and tells hits and misses and keeps values, and every call runs its
//! body. A call that would wait for another is a miss, and what it returns is not kept, as what the
//! other returns is.
//!
//! ## Cancel safety
//!
//! A call that is dropped while it runs leaves the key to the one that waits longest, as one does that
//! panics. One that is dropped while it waits leaves nothing behind.
//!
//! ## Order
//!
//! Outermost, or just below a fallback: what is answered from the cache then needs no permit, no time
//! and no retry. Inside a retry, every attempt looks again.

mod builder;
mod core;
mod event;
mod flight;
mod guard;
mod handle;
mod instance;
mod key;
mod leading;
mod outcome;
mod store;
mod table;

pub use builder::CacheBuilder;
pub use event::CacheEvent;
pub use guard::CacheLayer;
pub use handle::{AnyCache, Cache};
pub use instance::CacheMetrics;
pub use key::{Key, OwnedKey};
pub use outcome::{CacheIf, Chosen, Keep, Storable, Successes};
pub use store::{Store, Stored};

#[doc(hidden)]
pub use self::{
    event::hears,
    flight::{Answer, Begun, Flight, Turn, Waiter},
    handle::{AsCache, DeclaredCache, Tables, begin, given, instance},
    key::{
        KeyOfOption, KeyOfOptionalReference, KeyOfReference, KeyOfReferences, KeyOfValue, KeyProbe,
        Lookup, Part,
    },
    leading::{Leading, Led},
    outcome::{AnyOutcome, Holds, Keeping, NoOutcome, Shape, SuccessOfAny, SuccessOnly, keeping},
};

/// A call through a cache. Nothing of the key is lent any more when the body begins. An asynchronous
/// body is a future here, a blocking one an expression.
#[doc(hidden)]
#[macro_export]
macro_rules! __cache {
    (
        $mode:ident $call:expr,
        $begun:expr,
        $keeping:expr,
        $on_hit:expr,
        $on_miss:expr,
        $on_cached:expr,
        $keeps:expr,
        $attempt:expr
    ) => {
        'answered: {
            let begun = $begun;
            let keeping = $keeping;
            let flight = match $crate::__cache!(@wait $mode begun) {
                $crate::cache::Turn::Run(flight) => flight,
                $crate::cache::Turn::Answered(answer) => {
                    let hear = $on_hit;
                    match answer.recall(&$call, &keeping, &hear) {
                        ::core::result::Result::Ok(outcome) => {
                            break 'answered ::core::result::Result::Ok(outcome);
                        }
                        ::core::result::Result::Err(flight) => flight,
                    }
                }
            };
            {
                let hear = $on_miss;
                flight.missed(&$call, &hear);
            }
            let flow = $crate::__cache!(@run $mode flight $attempt);
            let hear = $on_cached;
            flight.finish(&$call, &flow, &keeping, $keeps, &hear);
            flow
        }
    };
    (@wait async $begun:ident) => {
        $begun.wait().await
    };
    (@wait blocking $begun:ident) => {
        $begun.block()
    };
    (@run async $flight:ident $attempt:expr) => {
        $flight.led($attempt).await
    };
    (@run blocking $flight:ident $attempt:expr) => {{
        let leading = $flight.lead();
        let flow = $attempt;
        ::core::mem::drop(leading);
        flow
    }};
}
