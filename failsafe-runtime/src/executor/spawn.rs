use crate::label::Label;
use crate::outcome::Reject;
use crate::rejected::{Kind, Rejected};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::task::JoinHandle;

/// A call on a task of its own: await it, or cancel it.
///
/// # Cancel safety
///
/// Dropping the handle leaves the call running. A cancelled call returns a rejection of kind
/// [`Kind::Cancelled`]; if it had ended already, its own outcome.
#[must_use = "the call runs on, but nobody waits for it"]
pub struct Handle<R> {
    label: Label,
    task: JoinHandle<R>,
}

impl<R> Handle<R> {
    pub(super) const fn new(label: Label, task: JoinHandle<R>) -> Self {
        Self { label, task }
    }

    /// Drops the call where it waits.
    pub fn cancel(&self) {
        self.task.abort();
    }

    /// Whether the call has ended.
    pub fn is_done(&self) -> bool {
        self.task.is_finished()
    }
}

impl<R: Reject> Future for Handle<R> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        let ended = ready!(Pin::new(&mut self.task).poll(cx));
        Poll::Ready(ended.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => R::reject(Rejected::new(Kind::Cancelled, self.label.clone())),
        }))
    }
}

impl<R> fmt::Debug for Handle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("done", &self.is_done()).finish_non_exhaustive()
    }
}
