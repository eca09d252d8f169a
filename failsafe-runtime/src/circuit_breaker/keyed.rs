//! One breaker for each key, in bounded number.

use super::Instance;
use super::metrics::StateChanged;
use super::permit::Permit;
use crate::attempt::Call;
use crate::keyed::{Bounds, Keyed};
use crate::listener::Hear;
use crate::registry::Registry;
use crate::rejected::Rejected;
use crate::site::Declaration;
use failsafe_config::CircuitBreakerConfig;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The breakers of a declaration with `key = ..`.
#[derive(Debug)]
pub struct KeyedCircuitBreaker {
    declaration: &'static Declaration,
    bounds: Bounds,
    /// Those of the process.
    instances: OnceLock<Arc<Keyed<Instance>>>,
}

impl KeyedCircuitBreaker {
    /// No breaker yet.
    #[doc(hidden)]
    pub const fn declared(
        (declaration, _): (&'static Declaration, CircuitBreakerConfig),
        max_keys: usize,
        key_idle: Duration,
    ) -> Self {
        let bounds = Bounds { max_keys, key_idle };
        Self { declaration, bounds, instances: OnceLock::new() }
    }

    /// The breaker of this key.
    #[doc(hidden)]
    pub fn of<K: Hash + Debug + ?Sized>(&self, key: &K) -> KeyedHandle {
        let make = || Instance::keyed(self.declaration, &key);
        if let Some(registry) = Registry::scoped() {
            return KeyedHandle(self.set(&registry).get(key, make));
        }
        let set = || Registry::with_current(|registry| self.set(registry));
        KeyedHandle(self.instances.get_or_init(set).get(key, make))
    }

    fn set(&self, registry: &Registry) -> Arc<Keyed<Instance>> {
        registry.set(self.declaration, || Keyed::new(self.bounds))
    }
}

/// The breaker of one key, for one call.
#[doc(hidden)]
#[derive(Debug)]
pub struct KeyedHandle(Arc<Instance>);

impl KeyedHandle {
    /// Lets a call of a function through, or not.
    pub fn enter(&self, call: &Call, changes: &impl Hear<StateChanged>) -> Option<Permit<'_>> {
        let ticket = self.0.acquire(|| call.counters(), changes)?;
        Some(Permit::borrowed(&self.0, ticket))
    }

    /// What a call that was not let through is told.
    pub fn refuse(&self, call: &Call) -> Rejected {
        self.0.refuse(call.counters())
    }
}
