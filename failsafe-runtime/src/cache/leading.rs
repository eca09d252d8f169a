//! Which bodies are running on this thread for others who wait: a call of the same key from inside
//! one of them would wait for itself.

use pin_project_lite::pin_project;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

thread_local! {
    static LEADING: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// A number for a flight, unlike that of any other in this process.
pub(super) fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Whether the code that is running is part of that flight.
pub(super) fn is_inside(id: u64) -> bool {
    LEADING.with_borrow(|leading| leading.contains(&id))
}

/// While it lives, the code that runs on this thread is part of a flight.
#[doc(hidden)]
#[derive(Debug)]
pub struct Leading(bool);

impl Leading {
    pub(super) fn new(id: Option<u64>) -> Self {
        if let Some(id) = id {
            LEADING.with_borrow_mut(|leading| leading.push(id));
        }
        Self(id.is_some())
    }
}

impl Drop for Leading {
    fn drop(&mut self) {
        if self.0 {
            LEADING.with_borrow_mut(Vec::pop);
        }
    }
}

pin_project! {
    /// A body that is part of a flight.
    #[doc(hidden)]
    #[derive(Debug)]
    pub struct Led<F> {
        id: Option<u64>,
        #[pin]
        body: F,
    }
}

impl<F> Led<F> {
    pub(super) const fn new(id: Option<u64>, body: F) -> Self {
        Self { id, body }
    }
}

impl<F: Future> Future for Led<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _leading = Leading::new(*this.id);
        this.body.poll(cx)
    }
}
