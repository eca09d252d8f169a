//! Instances by key, bounded in number: the least recently used goes when there are too many, and
//! those that nobody used for long go when room is made.

use crate::clock::{Moment, now};
use crate::label::Label;
use crate::registry::Registry;
use crate::site::Declaration;
use crate::source::Declarable;
use crate::stateful::{Stateful, StatefulSet};
use failsafe_config::KeyBounds;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::{self, Debug};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A policy of which a declaration can have an instance for each key.
pub(crate) trait Keyable: Declarable {
    /// Where its name is.
    fn label_mut(&mut self) -> &mut Label;

    /// An instance of its own for one key of a declaration.
    fn keyed(declaration: &'static Declaration, key: &dyn Debug) -> Self {
        let mut instance = Self::of_declaration(declaration);
        *instance.label_mut() = Label::Given(format!("{}[{key:?}]", declaration.name()).into());
        instance
    }
}

/// The instances of a declaration with a key: those of the registry in force.
#[derive(Debug)]
pub(crate) struct PerKey<T> {
    declaration: &'static Declaration,
    /// As they are written here.
    bounds: KeyBounds,
    /// As they are written where this declaration refers to.
    referred: OnceLock<KeyBounds>,
    /// Those of the process.
    instances: OnceLock<Arc<Keyed<T>>>,
}

impl<T: Keyable> PerKey<T> {
    /// No instance yet.
    pub(crate) const fn new(declaration: &'static Declaration, bounds: KeyBounds) -> Self {
        Self { declaration, bounds, referred: OnceLock::new(), instances: OnceLock::new() }
    }

    /// The instance of this key.
    pub(crate) fn of<K: Hash + Debug + ?Sized>(&self, key: &K) -> Arc<T> {
        let make = || T::keyed(self.declaration, &key);
        let bounds = self.bounds();
        if let Some(registry) = Registry::scoped() {
            return self.set(&registry).get(key, bounds, make);
        }
        let set = || Registry::with_current(|registry| self.set(registry));
        self.instances.get_or_init(set).get(key, bounds, make)
    }

    fn set(&self, registry: &Registry) -> Arc<Keyed<T>> {
        registry.set(self.declaration, Keyed::new)
    }

    /// The bounds in force.
    #[inline]
    fn bounds(&self) -> KeyBounds {
        if self.declaration.is_as_written() { self.bounds } else { self.bounds_elsewhere() }
    }

    #[cold]
    fn bounds_elsewhere(&self) -> KeyBounds {
        if let Some(told) = self.declaration.told() {
            return told.key_bounds();
        }
        let referred = || self.declaration.base().map_or(self.bounds, |base| base.key_bounds());
        *self.referred.get_or_init(referred)
    }
}

/// The handle of a declaration with `key = ..`: for each call it gives that of the key's instance.
macro_rules! keyed {
    ($(#[$doc:meta])* $name:ident of $policy:ident, $config:ty) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name($crate::keyed::PerKey<Instance>);

        impl $name {
            /// No key yet.
            #[doc(hidden)]
            pub const fn declared(
                (declaration, config): (&'static $crate::site::Declaration, $config),
            ) -> Self {
                Self($crate::keyed::PerKey::new(declaration, config.get_keys()))
            }

            /// The instance of this key.
            #[doc(hidden)]
            pub fn of<K: std::hash::Hash + std::fmt::Debug + ?Sized>(&self, key: &K) -> $policy {
                $policy::of_instance(self.0.of(key))
            }
        }
    };
}

pub(crate) use keyed;

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

struct Slot<T> {
    instance: Arc<T>,
    used: Moment,
}

type Slots<T> = HashMap<Box<[u8]>, Slot<T>>;

/// Instances by key.
struct Keyed<T> {
    slots: Mutex<Slots<T>>,
}

impl<T: Stateful> Keyed<T> {
    fn new() -> Self {
        Self { slots: Mutex::new(HashMap::new()) }
    }

    /// The instance of a key, made if it is new; then there are no more than the bounds say.
    fn get<K: Hash + ?Sized>(
        &self,
        key: &K,
        bounds: KeyBounds,
        make: impl FnOnce() -> T,
    ) -> Arc<T> {
        let mut bytes = Bytes::default();
        key.hash(&mut bytes);
        let now = now();
        let mut slots = self.slots();
        if slots.len() >= bounds.max_keys() && !slots.contains_key(&bytes.0[..]) {
            make_room(&mut slots, bounds, now);
        }
        match slots.entry(bytes.0.into_boxed_slice()) {
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

    fn slots(&self) -> MutexGuard<'_, Slots<T>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops what nobody used for long, and if that is nothing, the tenth that was used longest ago, so
/// that a stream of new keys pays for the search once in a while only.
fn make_room<T>(slots: &mut Slots<T>, bounds: KeyBounds, now: Moment) {
    slots.retain(|_, slot| now.since(slot.used) < bounds.key_idle());
    if slots.len() < bounds.max_keys() {
        return;
    }
    let mut uses: Vec<Moment> = slots.values().map(|slot| slot.used).collect();
    let excess = slots.len() + 1 - bounds.max_keys();
    let mut going = excess.max(bounds.max_keys() / 10).min(uses.len());
    let (_, last, _) = uses.select_nth_unstable(going - 1);
    let last = *last;
    slots.retain(|_, slot| {
        let goes = going > 0 && slot.used <= last;
        going -= usize::from(goes);
        !goes
    });
}

impl<T: Stateful> StatefulSet for Keyed<T> {
    fn all(&self) -> Vec<Arc<dyn Stateful>> {
        self.slots().values().map(|slot| Arc::clone(&slot.instance) as _).collect()
    }
}

impl<T> Debug for Keyed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed").finish_non_exhaustive()
    }
}
