//! One throttler for each key, in bounded number.

use super::event::ThrottledEvent;
use super::instance::Instance;
use super::permit::{Holder, Permit, enter};
use crate::attempt::Call;
use crate::keyed::PerKey;
use crate::listener::Hear;
use crate::prioritizer::Prioritizer;
use crate::priority::Caller;
use crate::rejected::Rejected;
use crate::site::Declaration;
use failsafe_config::AdaptiveThrottlerConfig;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// The throttlers of a declaration with `key = ..`.
#[derive(Debug)]
pub struct KeyedAdaptiveThrottler(PerKey<Instance>);

impl KeyedAdaptiveThrottler {
    /// No throttler yet.
    #[doc(hidden)]
    pub const fn declared(
        (declaration, _): (&'static Declaration, AdaptiveThrottlerConfig),
        max_keys: usize,
        key_idle: Duration,
    ) -> Self {
        Self(PerKey::new(declaration, max_keys, key_idle))
    }

    /// The throttler of this key.
    #[doc(hidden)]
    pub fn of<K: Hash + Debug + ?Sized>(&self, key: &K) -> KeyedHandle {
        KeyedHandle(self.0.of(key))
    }
}

/// The throttler of one key, for one call.
#[doc(hidden)]
#[derive(Debug)]
pub struct KeyedHandle(Arc<Instance>);

impl KeyedHandle {
    /// Lets a call through, or says why not.
    ///
    /// # Errors
    ///
    /// A rejection of kind [`Kind::Throttled`](crate::Kind::Throttled).
    pub fn enter<L>(
        &self,
        call: &Call,
        prioritizer: Option<&Prioritizer>,
        caller: impl FnOnce() -> Caller,
        hear: &L,
    ) -> Result<Permit<'_>, Rejected>
    where
        L: for<'e> Hear<ThrottledEvent<'e>>,
    {
        let (holder, this) = (Holder::Borrowed(&self.0), || Arc::clone(&self.0));
        enter(holder, this, (prioritizer, caller), || call.counters(), hear)
    }
}
