//! A call that waits for a place.

use super::HasPlaces;
use crate::clock::{self, Sleep};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

/// A call in the queue. Dropped, it leaves it, and a place it was given goes to the next.
pub(crate) struct Waiting<H: HasPlaces> {
    /// None when the wait is over.
    holder: Option<H>,
    number: u64,
    wait: Duration,
}

impl<H: HasPlaces> Waiting<H> {
    /// The call of this number, which may wait so long.
    pub(crate) const fn new(holder: H, number: u64, wait: Duration) -> Self {
        Self { holder: Some(holder), number, wait }
    }

    /// Waits for a place; none if that takes too long.
    pub(crate) async fn wait(mut self) -> Option<H> {
        let limited = self.wait != Duration::MAX;
        let mut timer = pin!(limited.then(|| clock::sleep(self.wait)));
        poll_fn(|cx| self.poll(timer.as_mut(), cx)).await
    }

    fn poll(&mut self, timer: Pin<&mut Option<Sleep>>, cx: &mut Context<'_>) -> Poll<Option<H>> {
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
    pub(crate) fn block(mut self) -> Option<H> {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut left = self.wait;
        while !left.is_zero() && !self.is_granted(&waker) {
            left = left.saturating_sub(clock::park(left));
        }
        self.finish()
    }

    fn is_granted(&self, waker: &Waker) -> bool {
        self.holder.as_ref().is_none_or(|holder| holder.places().is_granted(self.number, waker))
    }

    /// Leaves the queue, with a place if one was given, also if it was in the last moment.
    fn finish(&mut self) -> Option<H> {
        let holder = self.holder.take()?;
        holder.places().leave_queue(self.number).then_some(holder)
    }
}

impl<H: HasPlaces> Drop for Waiting<H> {
    fn drop(&mut self) {
        if let Some(holder) = self.finish() {
            holder.places().leave();
        }
    }
}

impl<H: HasPlaces> fmt::Debug for Waiting<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("wait", &self.wait).finish_non_exhaustive()
    }
}

/// Wakes a thread that is parked.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
