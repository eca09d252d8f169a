//! One bulkhead for each key, in bounded number.

use super::event::BulkheadFullEvent;
use super::instance::Instance;
use super::permit::{Entry, Holder, Permit, enter, refuse};
use crate::attempt::Call;
use crate::keyed::keyed;
use crate::listener::Hear;
use crate::rejected::Rejected;
use failsafe_config::BulkheadConfig;
use std::fmt::Debug;
use std::hash::Hash;

keyed! {
    /// The bulkheads of a declaration with `key = ..`.
    KeyedBulkhead of BulkheadConfig
}

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
