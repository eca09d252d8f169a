//! A place in use, and a place waited for.

use super::instance::Instance;
use crate::places::{Asked, HasPlaces, Places, Waiting};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Where the bulkhead is.
pub(super) enum Holder<'a> {
    Borrowed(&'a Instance),
    /// Of a scoped registry.
    Shared(Arc<Instance>),
}

impl Holder<'_> {
    pub(super) fn get(&self) -> &Instance {
        match self {
            Self::Borrowed(instance) => instance,
            Self::Shared(instance) => instance,
        }
    }
}

impl HasPlaces for Holder<'_> {
    fn places(&self) -> &Places {
        self.get().places()
    }
}

/// A place in a bulkhead. Dropped, it goes to the call that waits longest, or is free.
#[must_use = "the place is free again when this is dropped"]
pub struct Permit<'a>(Holder<'a>);

impl Drop for Permit<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.places().leave();
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("bulkhead", &self.0.get().name()).finish()
    }
}

/// What a call is told that wants a place.
#[doc(hidden)]
#[derive(Debug)]
#[must_use = "the place is given back when this is dropped"]
pub enum Entry<'a> {
    /// It has one.
    Entered(Permit<'a>),
    /// It may wait for one.
    Queued(Waiter<'a>),
    /// It has none.
    Full,
}

/// Asks for a place; a wait of zero is none.
pub(super) fn enter(holder: Holder<'_>, wait: Duration) -> Entry<'_> {
    let asked = match holder.get() {
        instance if !wait.is_zero() => instance.ask(),
        instance => instance.places().try_enter().map_or(Asked::Full, Asked::Entered),
    };
    match asked {
        Asked::Entered(_) => Entry::Entered(Permit(holder)),
        Asked::Queued(number) => Entry::Queued(Waiter(Waiting::new(holder, number, wait))),
        Asked::Full => Entry::Full,
    }
}

/// A call in the queue. Dropped, it leaves it, and a place it was given goes to the next.
#[doc(hidden)]
#[derive(Debug)]
pub struct Waiter<'a>(Waiting<Holder<'a>>);

impl<'a> Waiter<'a> {
    /// Waits for a place; none if that takes too long.
    pub async fn wait(self) -> Option<Permit<'a>> {
        self.0.wait().await.map(Permit)
    }

    /// Blocks the thread until there is a place; none if that takes too long.
    pub fn block(self) -> Option<Permit<'a>> {
        self.0.block().map(Permit)
    }
}
