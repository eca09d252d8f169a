//! Instances by key, bounded in number: the least recently used goes when there are too many, and
//! those that nobody used for long go when room is made.

use crate::clock::{Moment, now};
use crate::registry::Registry;
use crate::site::Declaration;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::{self, Debug};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// How many keys are kept, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) max_keys: usize,
    pub(crate) key_idle: Duration,
}

/// What a key hashes, byte for byte: equal keys write equal bytes, and bytes, unlike a hash, are not
/// made to collide.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

type Key = (usize, Box<[u8]>);

struct Slot<T> {
    instance: Arc<T>,
    used: Moment,
}

/// Instances by key.
pub(crate) struct Keyed<T> {
    bounds: Bounds,
    slots: OnceLock<Mutex<HashMap<Key, Slot<T>>>>,
}

impl<T> Keyed<T> {
    pub(crate) const fn new(bounds: Bounds) -> Self {
        Self { bounds, slots: OnceLock::new() }
    }

    /// The instance of a key, made if it is new. Each scoped registry has its own.
    pub(crate) fn get<K: Hash + ?Sized>(
        &self,
        _declaration: &'static Declaration,
        key: &K,
        make: impl FnOnce() -> T,
    ) -> Arc<T> {
        let mut bytes = Bytes::default();
        key.hash(&mut bytes);
        let scope = Registry::scoped().map_or(0, |registry| registry.address());
        let now = now();
        let slots = self.slots.get_or_init(Mutex::default);
        let mut slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (scope, bytes.0.into_boxed_slice());
        if slots.len() >= self.bounds.max_keys && !slots.contains_key(&key) {
            self.make_room(&mut slots, now);
        }
        match slots.entry(key) {
            Entry::Occupied(mut slot) => {
                slot.get_mut().used = now;
                Arc::clone(&slot.get().instance)
            }
            Entry::Vacant(slot) => {
                let instance = Arc::new(make());
                Arc::clone(&slot.insert(Slot { instance, used: now }).instance)
            }
        }
    }

    /// Drops what nobody used for long, and if that is nothing, the tenth that was used longest
    /// ago, so that a stream of new keys pays for the search once in a while only.
    fn make_room(&self, slots: &mut HashMap<Key, Slot<T>>, now: Moment) {
        slots.retain(|_, slot| now.since(slot.used) < self.bounds.key_idle);
        if slots.len() < self.bounds.max_keys {
            return;
        }
        let mut uses: Vec<Moment> = slots.values().map(|slot| slot.used).collect();
        let excess = slots.len() + 1 - self.bounds.max_keys;
        let mut going = excess.max(self.bounds.max_keys / 10).min(uses.len());
        let (_, last, _) = uses.select_nth_unstable(going - 1);
        let last = *last;
        slots.retain(|_, slot| {
            let goes = going > 0 && slot.used <= last;
            going -= usize::from(goes);
            !goes
        });
    }
}

impl<T> Debug for Keyed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}
