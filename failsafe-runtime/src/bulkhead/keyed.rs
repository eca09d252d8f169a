//! One bulkhead for each key, in bounded number.

use super::event::BulkheadFullEvent;
use super::instance::Instance;
use super::permit::{Entry, Holder, Permit, enter, refuse};
use crate::attempt::Call;
use crate::keyed::PerKey;
use crate::listener::Hear;
use crate::rejected::Rejected;
use crate::site::Declaration;
use failsafe_config::BulkheadConfig;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// The bulkheads of a declaration with `key = ..`.
#[derive(Debug)]
pub struct KeyedBulkhead(PerKey<Instance>);

impl KeyedBulkhead {
    /// No bulkhead yet.
    #[doc(hidden)]
    pub const fn declared(
        (declaration, _): (&'static Declaration, BulkheadConfig),
        max_keys: usize,
        key_idle: Duration,
    ) -> Self {
        Self(PerKey::new(declaration, max_keys, key_idle))
    }

    /// The bulkhead of this key.
    #[doc(hidden)]
    pub fn of<K: Hash + Debug + ?Sized>(&self, key: &K) -> KeyedHandle {
        KeyedHandle(self.0.of(key))
    }
}

/// The bulkhead of one key, for one call.
#[doc(hidden)]
#[derive(Debug)]
pub struct KeyedHandle(Arc<Instance>);

impl KeyedHandle {
    /// Asks for a place for a call.
    pub fn enter(&self) -> Entry<'_> {
        enter(Holder::Borrowed(&self.0), None)
    }

    /// What a call without a place is told, and whether it goes on all the same.
    ///
    /// # Errors
    ///
    /// If it does not.
    pub fn refuse<L>(&self, call: &Call, hear: &L) -> Result<Permit<'_>, Rejected>
    where
        L: for<'e> Hear<BulkheadFullEvent<'e>>,
    {
        refuse(Holder::Borrowed(&self.0), call.counters(), hear)
    }
}
