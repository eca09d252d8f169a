//! A call that has its permits and waits until it may use them.

use super::core::Grant;
use super::instance::Instance;
use crate::clock;
use std::sync::Arc;

/// Where the limiter is.
#[derive(Debug)]
pub(super) enum Holder<'a> {
    Borrowed(&'a Instance),
    Shared(Arc<Instance>),
}

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

    /// Waits until the permits may be used.
    pub async fn wait(mut self) {
        if !self.grant.wait.is_zero() {
            clock::wait(self.grant.wait).await;
        }
        self.used = true;
    }

    /// Blocks the thread until the permits may be used.
    pub fn block(mut self) {
        clock::block(self.grant.wait);
        self.used = true;
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        if !self.used {
            match &self.holder {
                Holder::Borrowed(instance) => instance.give_back(&self.grant),
                Holder::Shared(instance) => instance.give_back(&self.grant),
            }
        }
    }
}
