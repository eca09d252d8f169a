//! The values of one type under keys of one type, and who runs for them.

use super::core::Flights;
use super::event::{CacheEvent, Listener};
use super::flight::{Answer, Begun, Flight, Lands, Seat, Turn, Waiter};
use super::key::{Asked, Hashed, Lookup, OwnedKey, Part};
use super::leading;
use super::outcome::Storable;
use super::store::{Backing, Given, Stored};
use crate::attempt::Counters;
use crate::events::{self, What};
use crate::label::Label;
use crate::listener::{self, Hear};
use crate::live::Mode;
use failsafe_config::CacheConfig;
use std::any::Any;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What all tables of one cache share.
pub(crate) struct Common {
    pub(super) label: Label,
    /// As it is written; settings may say otherwise.
    pub(super) config: CacheConfig,
    pub(super) hits: AtomicU64,
    pub(super) misses: AtomicU64,
}

impl Common {
    /// The options in force.
    #[inline]
    pub(super) fn config(&self) -> &CacheConfig {
        self.label.in_force(&self.config)
    }
}

/// The values of one type under keys of one type.
pub(super) struct Table<K, V> {
    common: Arc<Common>,
    store: Backing<K, V>,
    flights: Mutex<Flights<Hashed<K>, Arc<Seat<V>>>>,
    hasher: RandomState,
    listeners: Vec<Listener<V>>,
}

impl<K: OwnedKey, V: Storable> Table<K, V> {
    pub(super) fn new(
        common: Arc<Common>,
        store: Option<Given<K, V>>,
        listeners: Vec<Listener<V>>,
    ) -> Self {
        let bounded = || Backing::bounded(common.config().get_capacity());
        let store = store.map_or_else(bounded, Backing::Given);
        let flights = Mutex::new(Flights::default());
        Self { common, store, flights, hasher: RandomState::new(), listeners }
    }

    /// The key with its hash: nothing else hashes it.
    pub(super) fn asked<'a, L: Lookup<Owned = K>>(&self, lookup: &'a L) -> Asked<'a, L> {
        Asked { hash: self.hasher.hash_one(lookup), lookup }
    }

    pub(super) fn flights(&self) -> MutexGuard<'_, Flights<Hashed<K>, Arc<Seat<V>>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of a key, if it is still good; one that is not is dropped.
    pub(super) fn find<L: Lookup<Owned = K>>(&self, asked: &Asked<'_, L>) -> Option<Stored<V>> {
        let found = self.store.get(asked)?;
        if found.is_fresh(self.common.config().get_ttl()) {
            return Some(found);
        }
        self.store.remove(asked, Some(&found));
        None
    }

    /// A call that has no key.
    pub(super) fn keyless(self: &Arc<Self>) -> Flight<K, V> {
        let table = Arc::clone(self) as _;
        if self.mode() == Mode::Off { Flight::untold(table) } else { Flight::without_key(table) }
    }

    /// Begins a call: it is answered, has to run, or waits for one that runs.
    pub(super) fn begin<L: Lookup<Owned = K>>(self: &Arc<Self>, lookup: &L) -> Begun<K, V> {
        let mode = self.mode();
        if mode == Mode::Off {
            return Begun::Ready(Turn::Run(Flight::untold(Arc::clone(self) as _)));
        }
        let asked = self.asked(lookup);
        if let Some(found) = self.find(&asked) {
            return Begun::Ready(self.answer(found));
        }
        // Copied before the lock is taken, as this is code of the user.
        let key = Arc::new(Hashed { hash: asked.hash, key: lookup.own() });
        let mut flights = self.flights();
        match flights.current(asked.hash, |key| asked.is(key)) {
            // It would wait for itself.
            Some(id) if leading::is_inside(id) => {
                drop(flights);
                Begun::Ready(Turn::Run(Flight::alone(Arc::clone(self) as _, key)))
            }
            // It would wait, and may not: what the other returns is kept.
            Some(_) if mode == Mode::Observe => {
                drop(flights);
                Begun::Ready(Turn::Run(Flight::without_key(Arc::clone(self) as _)))
            }
            Some(id) => {
                let seat = Arc::new(Seat::default());
                flights.wait(asked.hash, id, Arc::clone(&seat));
                drop(flights);
                Begun::Wait(Waiter::new(Arc::clone(self) as _, key, id, seat))
            }
            None => {
                let id = leading::next_id();
                flights.begin(asked.hash, id, Arc::clone(&key));
                drop(flights);
                let flight = Flight::leading(Arc::clone(self) as _, key, id);
                // Another may have landed since the first look.
                Begun::Ready(match self.find(&asked) {
                    Some(found) => {
                        flight.pass_on(&found);
                        self.answer(found)
                    }
                    None => Turn::Run(flight),
                })
            }
        }
    }

    fn answer(self: &Arc<Self>, found: Stored<V>) -> Turn<K, V> {
        Turn::Answered(Answer::new(Arc::clone(self) as _, found))
    }

    /// Keeps a value that was made in code.
    pub(super) fn insert(&self, key: K, value: V) {
        let hash = self.hasher.hash_one(Part(&key));
        self.store.insert(&Arc::new(Hashed { hash, key }), Stored::new(value));
    }

    /// Keeps the value of a key no longer, nor one that is being made.
    pub(super) fn invalidate<L: Lookup<Owned = K>>(&self, lookup: &L) {
        let asked = self.asked(lookup);
        self.flights().outdate(asked.hash, |key| asked.is(key));
        self.store.remove(&asked, None);
    }

    /// Counts a look that was not part of a call.
    pub(super) fn count(&self, found: bool) {
        let counter = if found { &self.common.hits } else { &self.common.misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl<K: OwnedKey, V: Storable> Lands<K, V> for Table<K, V> {
    fn mode(&self) -> Mode {
        self.common.label.mode()
    }

    fn land(&self, key: &Arc<Hashed<K>>, id: Option<u64>, stored: &Stored<V>) {
        let part = Part(&key.key);
        let asked = Asked { hash: key.hash, lookup: &part };
        let Some(id) = id else { return self.store.insert(key, stored.clone()) };
        let current = self.flights().is_current(key.hash, id);
        if current {
            self.store.insert(key, stored.clone());
        }
        let Some(landed) = self.flights().land(key.hash, id) else { return };
        // The key was removed while it was being kept.
        if current && !landed.current {
            self.store.remove(&asked, Some(stored));
        }
        for seat in landed.waiting {
            seat.land(stored.clone());
        }
    }

    fn pass_on(&self, key: &Hashed<K>, id: u64, found: &Stored<V>) {
        let landed = self.flights().land(key.hash, id);
        for seat in landed.into_iter().flat_map(|landed| landed.waiting) {
            seat.land(found.clone());
        }
    }

    fn hand_over(&self, hash: u64, id: u64) {
        let mut flights = self.flights();
        let next = flights.hand_over(hash, id);
        // Under the lock, so that one who leaves now knows that it was its turn.
        let waker = next.and_then(|seat| seat.give_lead());
        drop(flights);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn leave(&self, hash: u64, id: u64, seat: &Arc<Seat<V>>) {
        let mut flights = self.flights();
        if seat.has_lead() {
            drop(flights);
            self.hand_over(hash, id);
        } else {
            flights.leave(hash, id, |waiter| Arc::ptr_eq(waiter, seat));
        }
    }

    fn copy(&self, value: &V) -> V {
        value.clone()
    }

    fn tell(
        &self,
        what: What,
        counters: Counters,
        value: Option<&V>,
        hear: &dyn for<'e> Hear<CacheEvent<'e, V>>,
    ) {
        match what {
            What::Hit => self.common.hits.fetch_add(1, Ordering::Relaxed),
            What::Miss => self.common.misses.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
        let label = &self.common.label;
        if hear.is_heard() || !self.listeners.is_empty() {
            let event = CacheEvent { name: label.name(), what, counters, value };
            if hear.is_heard() {
                listener::call("cache", label, counters, || hear.hear(&event));
            }
            for hear in &self.listeners {
                listener::call("cache", label, counters, || hear(&event));
            }
        }
        events::emit("cache", || label.clone(), counters, what);
    }
}

/// A table, whatever its types.
pub(super) trait AnyTable: Send + Sync {
    /// How many values it has.
    fn len(&self) -> usize;

    /// How many bodies run for its keys, and how many calls wait for them.
    fn under_way(&self) -> (usize, usize);

    /// Keeps nothing any longer.
    fn clear(&self);

    /// Keeps so many values at the most from now on.
    fn fit(&self, capacity: u32);

    /// The `Arc` of the table.
    fn as_any(&self) -> &dyn Any;
}

impl<K: OwnedKey, V: Storable> AnyTable for Arc<Table<K, V>> {
    fn len(&self) -> usize {
        self.store.len()
    }

    fn under_way(&self) -> (usize, usize) {
        self.flights().count()
    }

    fn clear(&self) {
        self.flights().outdate_all();
        self.store.clear();
    }

    fn fit(&self, capacity: u32) {
        self.store.fit(capacity);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl<K, V> fmt::Debug for Table<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("name", &self.common.label.name()).finish_non_exhaustive()
    }
}
