//! One limiter for each key, in bounded number.

use super::enter;
use super::event::RateLimitedEvent;
use super::instance::Instance;
use super::waiter::{Holder, Waiter};
use crate::attempt::Call;
use crate::keyed::keyed;
use crate::listener::Hear;
use crate::rejected::Rejected;
use failsafe_config::RateLimiterConfig;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

keyed! {
    /// The limiters of a declaration with `key = ..`.
    KeyedRateLimiter of RateLimiterConfig
}

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
