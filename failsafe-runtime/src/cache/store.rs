//! Where values are kept.

use super::core;
use super::key::{Asked, Hashed, Lookup, OwnedKey};
use crate::clock::{Moment, now};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{Equivalent, OptionsBuilder, UnitWeighter};
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::time::Duration;

/// A value as it is kept, and since when. Cheap to clone.
pub struct Stored<V>(Arc<(V, Moment)>);

impl<V> Stored<V> {
    /// A value that is kept from now on.
    pub fn new(value: V) -> Self {
        Self::with_age(value, Duration::ZERO)
    }

    /// A value that has been kept for so long, such as one that a store read from elsewhere.
    pub fn with_age(value: V, age: Duration) -> Self {
        Self(Arc::new((value, now().minus(age))))
    }

    /// The value.
    pub fn value(&self) -> &V {
        &self.0.0
    }

    /// How long it has been kept, by the clock of this process, which tests can pause.
    pub fn age(&self) -> Duration {
        now().since(self.0.1)
    }

    /// Whether it may still be given out.
    pub(super) fn is_fresh(&self, ttl: Option<Duration>) -> bool {
        ttl.is_none() || core::is_fresh(self.age(), ttl)
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<V> Clone for Stored<V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<V: fmt::Debug> fmt::Debug for Stored<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stored").field(self.value()).finish()
    }
}

/// A place for the values of a cache, instead of the one there is: `store = MyStore::new()`.
///
/// A store is asked and told, nothing else: how long a value may be given out, that one call runs
/// for all who miss the same key, and what is counted are the affair of the cache. So it need know no
/// time, but bounds itself. It is called by every task at once, and under no lock of ours.
///
/// It is not asynchronous: it is for memory. What is read over a network deserves a timeout, a retry
/// and a breaker of its own; put that into the function under the cache.
///
/// ```
/// use failsafe_runtime::cache::{Store, Stored};
/// use std::collections::HashMap;
/// use std::hash::Hash;
/// use std::sync::Mutex;
///
/// struct Unbounded<K, V>(Mutex<HashMap<K, Stored<V>>>);
///
/// impl<K: Hash + Eq + Send, V: Send + Sync> Store<K, V> for Unbounded<K, V> {
///     fn get(&self, key: &K) -> Option<Stored<V>> {
///         self.0.lock().unwrap().get(key).cloned()
///     }
///     fn insert(&self, key: K, stored: Stored<V>) {
///         self.0.lock().unwrap().insert(key, stored);
///     }
///     fn remove(&self, key: &K) {
///         self.0.lock().unwrap().remove(key);
///     }
///     fn clear(&self) {
///         self.0.lock().unwrap().clear();
///     }
///     fn len(&self) -> usize {
///         self.0.lock().unwrap().len()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store for keys `{K}` and values `{V}`",
    label = "this must implement `failsafe::cache::Store<{K}, {V}>`"
)]
pub trait Store<K, V>: Send + Sync {
    /// What is kept under a key.
    fn get(&self, key: &K) -> Option<Stored<V>>;

    /// Keeps a value, instead of the one that may be there.
    fn insert(&self, key: K, stored: Stored<V>);

    /// Keeps the value of a key no longer.
    fn remove(&self, key: &K);

    /// Keeps nothing any longer.
    fn clear(&self);

    /// How many values are kept, at least about.
    fn len(&self) -> usize;

    /// Whether none is.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K, V, S: Store<K, V> + ?Sized> Store<K, V> for Arc<S> {
    fn get(&self, key: &K) -> Option<Stored<V>> {
        (**self).get(key)
    }

    fn insert(&self, key: K, stored: Stored<V>) {
        (**self).insert(key, stored);
    }

    fn remove(&self, key: &K) {
        (**self).remove(key);
    }

    fn clear(&self) {
        (**self).clear();
    }

    fn len(&self) -> usize {
        (**self).len()
    }
}

/// A store that was given.
pub(super) type Given<K, V> = Arc<dyn Store<K, V>>;

/// The hash is in the key.
#[derive(Debug, Clone, Default)]
pub(super) struct Known(u64);

impl BuildHasher for Known {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for Known {
    fn write(&mut self, _: &[u8]) {
        unreachable!("a hash is a number");
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

type Life<K, V> = DefaultLifecycle<Arc<Hashed<K>>, Stored<V>>;
type Bounded<K, V> = Cache<Arc<Hashed<K>>, Stored<V>, UnitWeighter, Known, Life<K, V>>;

impl<K: OwnedKey, L: Lookup<Owned = K>> Equivalent<Arc<Hashed<K>>> for Asked<'_, L> {
    fn equivalent(&self, key: &Arc<Hashed<K>>) -> bool {
        self.is(key)
    }
}

/// Where the values of one cache are.
pub(super) enum Backing<K, V> {
    Own(Bounded<K, V>),
    Given(Given<K, V>),
}

/// The fewest values for which a store is divided, so that threads which write do not meet.
const VALUES_PER_SHARD: u32 = 1024;

/// The capacity that gives each shard the same, and at least one.
fn divided(capacity: u64, shards: u64) -> u64 {
    (capacity / shards).max(1) * shards
}

impl<K: OwnedKey, V> Backing<K, V> {
    /// Keeps so many values at the most.
    pub(super) fn bounded(capacity: u32) -> Self {
        let shards = (capacity / VALUES_PER_SHARD).clamp(1, 64);
        // A power of two, and each shard the same, or all of them would hold more than was asked.
        let shards = 1_u32 << shards.ilog2();
        let capacity = divided(capacity.into(), shards.into());
        let items = usize::try_from(capacity).unwrap_or(usize::MAX);
        let options = OptionsBuilder::new()
            .shards(shards as usize)
            .estimated_items_capacity(items)
            .weight_capacity(capacity)
            .build()
            .expect("both capacities are given");
        Self::Own(Cache::with_options(options, UnitWeighter, Known(0), Life::default()))
    }

    /// Keeps so many values at the most from now on; what is too much goes. One that was given bounds
    /// itself.
    pub(super) fn fit(&self, capacity: u32) {
        if let Self::Own(own) = self {
            let shards = u64::try_from(own.num_shards()).unwrap_or(1);
            own.set_capacity(divided(capacity.into(), shards));
        }
    }

    pub(super) fn get<L: Lookup<Owned = K>>(&self, asked: &Asked<'_, L>) -> Option<Stored<V>> {
        match self {
            Self::Own(own) => own.get(asked),
            Self::Given(given) => given.get(&asked.lookup.own()),
        }
    }

    pub(super) fn insert(&self, key: &Arc<Hashed<K>>, stored: Stored<V>) {
        match self {
            Self::Own(own) => own.insert(Arc::clone(key), stored),
            Self::Given(given) => given.insert(key.key.clone(), stored),
        }
    }

    /// Removes a value, as far as can be told only if it is this one.
    pub(super) fn remove<L: Lookup<Owned = K>>(
        &self,
        asked: &Asked<'_, L>,
        only: Option<&Stored<V>>,
    ) {
        match self {
            Self::Own(own) => {
                // Dropped here, under no lock.
                let _removed = own.remove_if(asked, |kept| only.is_none_or(|only| kept.is(only)));
            }
            Self::Given(given) => given.remove(&asked.lookup.own()),
        }
    }

    pub(super) fn clear(&self) {
        match self {
            Self::Own(own) => own.clear(),
            Self::Given(given) => given.clear(),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Own(own) => own.len(),
            Self::Given(given) => given.len(),
        }
    }
}
