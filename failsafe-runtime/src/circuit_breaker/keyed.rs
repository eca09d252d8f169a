//! One breaker for each key, in bounded number.

use super::Instance;
use super::metrics::StateChanged;
use super::permit::Permit;
use crate::attempt::Call;
use crate::keyed::PerKey;
use crate::listener::Hear;
use crate::rejected::Rejected;
use crate::site::Declaration;
use failsafe_config::CircuitBreakerConfig;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// The breakers of a declaration with `key = ..`.
#[derive(Debug)]
pub struct KeyedCircuitBreaker(PerKey<Instance>);

impl KeyedCircuitBreaker {
    /// No breaker yet.
    #[doc(hidden)]
    pub const fn declared(
        (declaration, _): (&'static Declaration, CircuitBreakerConfig),
        max_keys: usize,
        key_idle: Duration,
    ) -> Self {
        Self(PerKey::new(declaration, max_keys, key_idle))
    }

    /// The breaker of this key.
    #[doc(hidden)]
    pub fn of<K: Hash + Debug + ?Sized>(&self, key: &K) -> KeyedHandle {
        KeyedHandle(self.0.of(key))
    }
}

/// The breaker of one key, for one call.
#[doc(hidden)]
#[derive(Debug)]
pub struct KeyedHandle(Arc<Instance>);

impl KeyedHandle {
    /// Lets a call of a function through, or not.
    ///
    /// # Errors
    ///
    /// What a call that is not let through is told.
    pub fn enter(
        &self,
        call: &Call,
        changes: &impl Hear<StateChanged>,
    ) -> Result<Permit<'_>, Rejected> {
        let ticket = self.0.acquire(|| call.counters(), changes);
        let ticket = ticket.ok_or_else(|| self.0.refuse(call.counters()))?;
        Ok(Permit::borrowed(&self.0, ticket))
    }
}
