//! One throttler for each key, in bounded number.

use super::event::ThrottledEvent;
use super::instance::Instance;
use super::permit::{Holder, Permit, enter};
use crate::attempt::Call;
use crate::keyed::keyed;
use crate::listener::Hear;
use crate::prioritizer::Prioritizer;
use crate::priority::Caller;
use crate::rejected::Rejected;
use failsafe_config::AdaptiveThrottlerConfig;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

keyed! {
    /// The throttlers of a declaration with `key = ..`.
    KeyedAdaptiveThrottler of AdaptiveThrottlerConfig
}

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
