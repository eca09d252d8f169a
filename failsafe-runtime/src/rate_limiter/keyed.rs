//! One limiter for each key, in bounded number.

use super::enter;
use super::event::RateLimitedEvent;
use super::instance::Instance;
use super::waiter::{Holder, Waiter};
use crate::attempt::Call;
use crate::keyed::PerKey;
use crate::listener::Hear;
use crate::rejected::Rejected;
use crate::site::Declaration;
use failsafe_config::RateLimiterConfig;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// The limiters of a declaration with `key = ..`.
#[derive(Debug)]
pub struct KeyedRateLimiter(PerKey<Instance>);

impl KeyedRateLimiter {
    /// No limiter yet.
    #[doc(hidden)]
    pub const fn declared(
        (declaration, _): (&'static Declaration, RateLimiterConfig),
        max_keys: usize,
        key_idle: Duration,
    ) -> Self {
        Self(PerKey::new(declaration, max_keys, key_idle))
    }

    /// The limiter of this key.
    #[doc(hidden)]
    pub fn of<K: Hash + Debug + ?Sized>(&self, key: &K) -> KeyedHandle {
        KeyedHandle(self.0.of(key))
    }
}

/// The limiter of one key, for one call.
#[doc(hidden)]
#[derive(Debug)]
pub struct KeyedHandle(Arc<Instance>);

impl KeyedHandle {
    /// Takes the permits of a call, which may have to wait for them, or refuses it.
    ///
    /// # Errors
    ///
    /// When the wait would be too long.
    pub fn enter<L>(
        &self,
        call: &Call,
        permits: u32,
        hear: &L,
    ) -> Result<Option<Waiter<'static>>, Rejected>
    where
        L: for<'e> Hear<RateLimitedEvent<'e>>,
    {
        let grant = enter(&self.0, permits, None, || call.counters(), hear)?;
        Ok(grant.map(|grant| Waiter::new(Holder::Shared(Arc::clone(&self.0)), grant)))
    }
}
