//! One fail-fast for each key, in bounded number.

use super::hooks::FailFastEvent;
use super::instance::Instance;
use super::permit::{Entry, Holder, Permit, enter, observe};
use crate::attempt::Call;
use crate::keyed::PerKey;
use crate::listener::Hear;
use crate::rejected::Rejected;
use crate::site::Declaration;
use failsafe_config::FailFastConfig;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// The fail-fasts of a declaration with `key = ..`.
#[derive(Debug)]
pub struct KeyedFailFast(PerKey<Instance>);

impl KeyedFailFast {
    /// No fail-fast yet.
    #[doc(hidden)]
    pub const fn declared(
        (declaration, _): (&'static Declaration, FailFastConfig),
        max_keys: usize,
        key_idle: Duration,
    ) -> Self {
        Self(PerKey::new(declaration, max_keys, key_idle))
    }

    /// The fail-fast of this key.
    #[doc(hidden)]
    pub fn of<K: Hash + Debug + ?Sized>(&self, key: &K) -> KeyedHandle {
        KeyedHandle(self.0.of(key))
    }
}

/// The fail-fast of one key, for one call.
#[doc(hidden)]
#[derive(Debug)]
pub struct KeyedHandle(Arc<Instance>);

impl KeyedHandle {
    /// Whether a call goes on.
    pub fn enter(&self, by_caller: bool, when: impl FnOnce() -> bool) -> Entry<'_> {
        enter(Holder::Borrowed(&self.0), by_caller, when)
    }

    /// Lets a call go on that it would refuse, if it only observes.
    pub fn observe<L>(&self, by_caller: bool, call: &Call, hear: &L) -> Option<Permit<'_>>
    where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        observe(&self.0, by_caller, call, hear)
    }

    /// What a call that does not go on is told.
    pub fn refuse<L>(&self, by_caller: bool, call: &Call, hear: &L) -> Rejected
    where
        L: for<'e> Hear<FailFastEvent<'e>>,
    {
        self.0.refuse(by_caller, call.counters(), hear)
    }
}
