//! A place in use, and a place waited for.

use super::instance::{Asked, Instance};
use crate::clock::{self, Sleep};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
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

/// A place in a bulkhead. Dropped, it goes to the call that waits longest, or is free.
#[must_use = "the place is free again when this is dropped"]
pub struct Permit<'a>(Holder<'a>);

impl Drop for Permit<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.get().leave();
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
        instance if instance.try_enter() => Asked::Entered,
        _ => Asked::Full,
    };
    match asked {
        Asked::Entered => Entry::Entered(Permit(holder)),
        Asked::Queued(number) => Entry::Queued(Waiter { holder: Some(holder), number, wait }),
        Asked::Full => Entry::Full,
    }
}

/// A call in the queue. Dropped, it leaves it, and a place it was given goes to the next.
#[doc(hidden)]
pub struct Waiter<'a> {
    /// None when the wait is over.
    holder: Option<Holder<'a>>,
    number: u64,
    wait: Duration,
}

impl<'a> Waiter<'a> {
    /// Waits for a place; none if that takes too long.
    pub async fn wait(mut self) -> Option<Permit<'a>> {
        let limited = self.wait != Duration::MAX;
        let mut timer = pin!(limited.then(|| clock::sleep(self.wait)));
        poll_fn(|cx| self.poll(timer.as_mut(), cx)).await
    }

    fn poll(
        &mut self,
        timer: Pin<&mut Option<Sleep>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Permit<'a>>> {
        if self.is_granted(cx.waker()) {
            return Poll::Ready(self.finish());
        }
        let Some(timer) = timer.as_pin_mut() else { return Poll::Pending };
        match pin!(tokio::task::unconstrained(timer)).poll(cx) {
            Poll::Ready(()) => Poll::Ready(self.finish()),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Blocks the thread until there is a place; none if that takes too long.
    pub fn block(mut self) -> Option<Permit<'a>> {
        let waker = clock::unpark_this_thread();
        let mut left = self.wait;
        while !left.is_zero() && !self.is_granted(&waker) {
            left = left.saturating_sub(clock::park(left));
        }
        self.finish()
    }

    fn is_granted(&self, waker: &Waker) -> bool {
        self.holder.as_ref().is_none_or(|holder| holder.get().is_granted(self.number, waker))
    }

    /// Leaves the queue, with a place if one was given, also if it was in the last moment.
    fn finish(&mut self) -> Option<Permit<'a>> {
        let holder = self.holder.take()?;
        holder.get().leave_queue(self.number).then(|| Permit(holder))
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        drop(self.finish());
    }
}

impl fmt::Debug for Waiter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter").field("wait", &self.wait).finish_non_exhaustive()
    }
}
