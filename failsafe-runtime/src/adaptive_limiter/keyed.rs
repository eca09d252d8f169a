//! One limiter for each key, in bounded number.

use super::event::LimitExceededEvent;
use super::instance::Instance;
use super::permit::{Entry, Holder, Permit, Request, enter, refuse};
use crate::attempt::Call;
use crate::keyed::keyed;
use crate::listener::Hear;
use crate::prioritizer::Prioritizer;
use crate::priority::Caller;
use crate::rejected::Rejected;
use failsafe_config::AdaptiveLimiterConfig;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

keyed! {
    /// The limiters of a declaration with `key = ..`.
    KeyedAdaptiveLimiter of AdaptiveLimiterConfig
}

impl KeyedHandle {
    /// Asks for a permit for a call.
    pub fn enter(
        &self,
        call: &Call,
        prioritizer: Option<&Prioritizer>,
        caller: impl FnOnce() -> Caller,
    ) -> Entry<'_> {
        let counters = || call.counters();
        let request = Request { prioritizer, caller, counters, wait: None };
        enter(Holder::Borrowed(&self.0), || Arc::clone(&self.0), request)
    }

    /// What a call without a permit is told, and whether it goes on all the same.
    ///
    /// # Errors
    ///
    /// If it does not.
    pub fn refuse<L>(&self, call: &Call, hear: &L) -> Result<Permit<'_>, Rejected>
    where
        L: for<'e> Hear<LimitExceededEvent<'e>>,
    {
        refuse(Holder::Borrowed(&self.0), call.counters(), hear)
    }
}
