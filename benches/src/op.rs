//! The operation under the policies.

use std::pin::Pin;
use std::task::{Context, Poll};

/// What the operation and the policies around it fail with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The operation itself failed.
    Failed,
    /// The breaker refused the call.
    CircuitOpen,
    /// The attempt was dropped at its deadline.
    TimedOut,
    /// A policy of ours refused the call.
    Rejected,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Error {}

/// An operation that a contender runs under its policies. A trait, so that each peer is set up once for all
/// operations; the types are empty, so it adds nothing to a future.
pub trait Body: Send + Sync + 'static {
    /// Runs the operation.
    fn run(i: u64) -> impl Future<Output = Result<u64, Error>> + Send + 'static;
}

/// Ready when first polled: what remains is the policies' own cost.
#[derive(Debug)]
pub struct Ready;

impl Body for Ready {
    fn run(i: u64) -> impl Future<Output = Result<u64, Error>> + Send + 'static {
        op(i)
    }
}

/// Pending once, then ready: a timeout has to arm its timer.
#[derive(Debug)]
pub struct Yields;

impl Body for Yields {
    fn run(i: u64) -> impl Future<Output = Result<u64, Error>> + Send + 'static {
        op_yields(i)
    }
}

/// Adds one. It fails for one input, so that the compiler cannot drop the failure paths of what it inlines.
pub(crate) async fn op(i: u64) -> Result<u64, Error> {
    if i == u64::MAX { Err(Error::Failed) } else { Ok(i + 1) }
}

/// [`op`], after one trip to the scheduler.
pub(crate) async fn op_yields(i: u64) -> Result<u64, Error> {
    YieldOnce(false).await;
    op(i).await
}

/// Pending once. tokio's `yield_now` would allocate in the scheduler, and be most of what is measured.
struct YieldOnce(bool);

impl Future for YieldOnce {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
