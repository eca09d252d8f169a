//! One breaker for each key, in bounded number.

use super::Instance;
use super::metrics::StateChanged;
use super::permit::Permit;
use crate::attempt::Call;
use crate::keyed::keyed;
use crate::listener::Hear;
use crate::rejected::Rejected;
use failsafe_config::CircuitBreakerConfig;
use std::fmt::Debug;
use std::hash::Hash;

keyed! {
    /// The breakers of a declaration with `key = ..`.
    KeyedCircuitBreaker of CircuitBreakerConfig
}

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
