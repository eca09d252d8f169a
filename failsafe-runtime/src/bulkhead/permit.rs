//! A place in use, and a place waited for.

use super::event::BulkheadFullEvent;
use super::instance::Instance;
use crate::attempt::Counters;
use crate::listener::Hear;
use crate::live::Mode;
use crate::places::{Asked, HasPlaces, Places, Waiting};
use crate::rejected::Rejected;
use crate::source;
use std::fmt;
use std::time::Duration;

/// Where the bulkhead is.
pub(super) type Holder<'a> = source::Holder<'a, Instance>;

impl HasPlaces for Holder<'_> {
    fn places(&self) -> &Places {
        self.get().places()
    }
}

/// A place in a bulkhead. Dropped, it goes to the call that waits longest, or is free.
#[must_use = "the place is free again when this is dropped"]
pub struct Permit<'a>(
    /// None of a bulkhead that is switched off: there are no places.
    Option<Holder<'a>>,
);

impl Drop for Permit<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(holder) = &self.0 {
            holder.places().leave();
        }
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bulkhead = self.0.as_ref().map(|holder| holder.get().name());
        f.debug_struct("Permit").field("bulkhead", &bulkhead).finish()
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

/// Asks for a place; a wait of zero is none. One that is not on has no reason to let a call wait.
pub(super) fn enter(holder: Holder<'_>, wait: Option<Duration>) -> Entry<'_> {
    let wait = wait.unwrap_or_else(|| holder.get().config().get_wait());
    match holder.get().mode() {
        Mode::On => ask(holder, wait),
        Mode::Observe if !holder.get().would_admit(wait) => Entry::Full,
        mode => Entry::Entered(let_in(holder, mode)),
    }
}

/// The permit of a call that goes on although it has none.
fn let_in(holder: Holder<'_>, mode: Mode) -> Permit<'_> {
    if mode == Mode::Off {
        return Permit(None);
    }
    holder.places().let_in();
    Permit(Some(holder))
}

/// The permit of who asks by hand, and is told nothing: none while it is on.
pub(super) fn let_through(holder: Holder<'_>) -> Option<Permit<'_>> {
    match holder.get().mode() {
        Mode::On => None,
        mode => Some(let_in(holder, mode)),
    }
}

/// What a call without a place is told, and whether it goes on all the same.
pub(super) fn refuse<'a, L>(
    holder: Holder<'a>,
    counters: Counters,
    hear: &L,
) -> Result<Permit<'a>, Rejected>
where
    L: for<'e> Hear<BulkheadFullEvent<'e>>,
{
    match holder.get().mode() {
        Mode::Off => Ok(Permit(None)),
        mode => {
            let rejected = holder.get().refuse(counters, hear);
            if mode == Mode::On { Err(rejected) } else { Ok(let_in(holder, mode)) }
        }
    }
}

fn ask(holder: Holder<'_>, wait: Duration) -> Entry<'_> {
    let asked = match holder.get() {
        instance if !wait.is_zero() => instance.ask(),
        instance => instance.places().try_enter().map_or(Asked::Full, Asked::Entered),
    };
    match asked {
        Asked::Entered(_) => Entry::Entered(Permit(Some(holder))),
        Asked::Queued(number) => {
            // It may have been switched since it was asked.
            holder.get().let_all_in_unless_on();
            Entry::Queued(Waiter(Waiting::new(holder, number, wait)))
        }
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
        self.0.wait().await.map(|holder| Permit(Some(holder)))
    }

    /// Blocks the thread until there is a place; none if that takes too long.
    pub fn block(self) -> Option<Permit<'a>> {
        self.0.block().map(|holder| Permit(Some(holder)))
    }
}
