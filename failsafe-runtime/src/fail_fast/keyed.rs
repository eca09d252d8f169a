//! One fail-fast for each key, in bounded number.

use super::hooks::FailFastEvent;
use super::instance::Instance;
use super::permit::{Entry, Holder, Permit, enter, observe};
use crate::attempt::Call;
use crate::keyed::keyed;
use crate::listener::Hear;
use crate::rejected::Rejected;
use failsafe_config::FailFastConfig;
use std::fmt::Debug;
use std::hash::Hash;

keyed! {
    /// The fail-fasts of a declaration with `key = ..`.
    KeyedFailFast of FailFastConfig
}

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
