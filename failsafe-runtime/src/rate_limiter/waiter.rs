//! A call that has its permits and waits until it may use them.

use super::core::Grant;
use super::instance::Instance;
use crate::clock;
use crate::source;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};

/// Where the limiter is.
pub(super) type Holder<'a> = source::Holder<'a, Instance>;

/// Permits that are taken but not yet used: dropped before, they are given back.
#[doc(hidden)]
#[derive(Debug)]
#[must_use = "the permits are given back when this is dropped"]
pub struct Waiter<'a> {
    holder: Holder<'a>,
    grant: Grant,
    used: bool,
}

impl<'a> Waiter<'a> {
    pub(super) const fn new(holder: Holder<'a>, grant: Grant) -> Self {
        Self { holder, grant, used: false }
    }

    /// Waits until the permits may be used: no longer than it was told at first, and less if the
    /// limiter becomes faster or acts no longer.
    pub async fn wait(mut self) {
        // Boxed, as the wait is part of the future of every call, and this is rare.
        Box::pin(self.pass()).await;
        self.used = true;
    }

    async fn pass(&self) {
        let limiter = self.holder.get();
        let latest = limiter.elapsed().saturating_add(clock::nanos(self.grant.wait));
        loop {
            let mut changed = pin!(limiter.changed().notified());
            // It hears of changes from here on, so none is missed between this look and the wait.
            changed.as_mut().enable();
            let mut asleep = pin!(clock::wait(limiter.left(&self.grant, latest)));
            let is_over = poll_fn(|cx| match asleep.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(true),
                Poll::Pending => changed.as_mut().poll(cx).map(|()| false),
            });
            if is_over.await {
                return;
            }
        }
    }

    /// Blocks the thread until the permits may be used: no longer than it was told at first.
    pub fn block(mut self) {
        let limiter = self.holder.get();
        let latest = limiter.elapsed().saturating_add(clock::nanos(self.grant.wait));
        let waker = clock::unpark_this_thread();
        loop {
            let changed = pin!(limiter.changed().notified());
            if changed.poll(&mut Context::from_waker(&waker)).is_ready() {
                continue;
            }
            let left = limiter.left(&self.grant, latest);
            if left.is_zero() {
                break;
            }
            clock::park(left);
        }
        self.used = true;
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        if !self.used {
            self.holder.get().give_back(&self.grant);
        }
    }
}
