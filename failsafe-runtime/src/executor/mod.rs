//! Policies without attributes: composed in code, over the same decisions and the same loops.

pub(crate) mod conditions;
mod policy;
mod spawn;

pub use crate::attempt::Call;
pub use conditions::{ByOutcome, Classify};
pub use policy::{BlockingPolicy, Body, Policy};
pub use spawn::Handle;

use crate::attempt::{Counters, track};
use crate::events::{self, What};
use crate::label::Label;
use crate::listener;
use crate::outcome::{Flow, Outcome, Reject};
use crate::priority::Caller;
use crate::registry::Registry;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

/// Composes policies, outermost first: one policy, or a tuple of up to eight.
///
/// ```
/// # use failsafe_runtime::{self as failsafe, CircuitBreaker, Rejected, Retry, Timeout};
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let guarded = failsafe::with((
///     Retry::builder().max(3).backoff("100ms..1s").build(),
///     CircuitBreaker::builder().failures("3/5").build(),
///     Timeout::builder("1s").build(),
/// ));
/// let answer: Result<u32, Rejected> = guarded.run(|| async { Ok(42) }).await;
/// assert_eq!(answer.unwrap(), 42);
/// # }
/// ```
pub fn with<P>(policies: P) -> Executor<P> {
    Executor(Arc::new(Stack { label: Label::Unnamed(&"call"), policies, listeners: Vec::new() }))
}

/// Runs code under policies; clones share them.
pub struct Executor<P>(Arc<Stack<P>>);

type Listener = (Option<bool>, Arc<dyn Fn(&DoneEvent) + Send + Sync>);

struct Stack<P> {
    label: Label,
    policies: P,
    listeners: Vec<Listener>,
}

/// A call is over.
#[derive(Debug, Clone)]
pub struct DoneEvent {
    success: bool,
    counters: Counters,
    elapsed: std::time::Duration,
}

impl DoneEvent {
    /// Whether the call returns a success: neither a failure nor a value that a policy took for one.
    pub const fn is_success(&self) -> bool {
        self.success
    }

    /// How often things happened in the call.
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// How long it took.
    pub const fn elapsed(&self) -> std::time::Duration {
        self.elapsed
    }
}

impl<P> Executor<P> {
    /// The name in events.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        self.change(|stack| stack.label = Label::Given(Arc::new(name.into())))
    }

    /// Adds a listener that is called after every call.
    #[must_use]
    pub fn on_done(self, listener: impl Fn(&DoneEvent) + Send + Sync + 'static) -> Self {
        self.change(|stack| stack.listeners.push((None, Arc::new(listener))))
    }

    /// Adds a listener that is called after every call that returns a success.
    #[must_use]
    pub fn on_success(self, listener: impl Fn(&DoneEvent) + Send + Sync + 'static) -> Self {
        self.change(|stack| stack.listeners.push((Some(true), Arc::new(listener))))
    }

    /// Adds a listener that is called after every call that returns a failure.
    #[must_use]
    pub fn on_failure(self, listener: impl Fn(&DoneEvent) + Send + Sync + 'static) -> Self {
        self.change(|stack| stack.listeners.push((Some(false), Arc::new(listener))))
    }

    /// What it runs code under.
    #[cfg(feature = "settings")]
    pub(crate) fn policies(&self) -> &P {
        &self.0.policies
    }

    /// An executor is changed before it is shared; afterwards changes are ignored.
    fn change(mut self, change: impl FnOnce(&mut Stack<P>)) -> Self {
        if let Some(stack) = Arc::get_mut(&mut self.0) {
            change(stack);
        }
        self
    }

    /// Runs an asynchronous body under the policies; each attempt calls it anew.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the attempt; permits are given back, and nothing is counted.
    pub async fn run<R, F, A>(&self, body: F) -> R
    where
        P: Policy<R>,
        R: Reject + Outcome + Send,
        F: Fn() -> A + Sync + Send,
        A: Future<Output = R> + Send,
    {
        let mut call = self.begin();
        let flow = self.0.policies.guard(&mut call, &Leaf(body)).await;
        let outcome = flow.unwrap_or_else(R::reject);
        self.done(&mut call, !outcome.is_failure());
        outcome
    }

    /// Runs an asynchronous body under the policies, and returns a rejection as such: for bodies
    /// whose return type has no place for it.
    ///
    /// # Errors
    ///
    /// The rejection of a policy.
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run).
    pub async fn try_run<R, F, A>(&self, body: F) -> Flow<R>
    where
        P: Policy<R>,
        R: Send,
        F: Fn() -> A + Sync + Send,
        A: Future<Output = R> + Send,
    {
        let mut call = self.begin();
        let flow = self.0.policies.guard(&mut call, &Leaf(body)).await;
        self.done(&mut call, flow.is_ok());
        flow
    }

    /// Runs a blocking body under the policies; waits block the thread.
    pub fn run_blocking<R>(&self, mut body: impl FnMut() -> R) -> R
    where
        P: BlockingPolicy<R>,
        R: Reject + Outcome,
    {
        let mut call = Call::timed();
        let mut attempt = |call: &mut Call| crate::attempt::run(call, &mut body);
        let flow = self.0.policies.guard_blocking(&mut call, &mut attempt);
        let outcome = flow.unwrap_or_else(R::reject);
        self.done(&mut call, !outcome.is_failure());
        outcome
    }

    /// Runs an asynchronous body under the policies on a task of its own, for the same
    /// [`Caller`].
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn spawn<R, F, A>(&self, body: F) -> Handle<R>
    where
        P: Policy<R> + Send + Sync + 'static,
        R: Reject + Outcome + Send + 'static,
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = R> + Send + 'static,
    {
        let executor = self.clone();
        let label = self.0.label.clone();
        let call = Caller::current().scope(async move { executor.run(body).await });
        Handle::new(
            label,
            match Registry::scoped() {
                Some(registry) => tokio::spawn(registry.scope(call)),
                None => tokio::spawn(call),
            },
        )
    }

    /// A call that begins; it knows when, if somebody will be told how long it took.
    fn begin(&self) -> Call {
        if self.0.listeners.is_empty() { Call::new() } else { Call::timed() }
    }

    fn done(&self, call: &mut Call, success: bool) {
        let success = success && !call.is_judged_failure();
        let counters = call.counters();
        if !self.0.listeners.is_empty() {
            let event = DoneEvent { success, counters, elapsed: call.elapsed() };
            let heard = |wanted: &Option<bool>| wanted.is_none_or(|wanted| wanted == success);
            for (_, listener) in self.0.listeners.iter().filter(|(wanted, _)| heard(wanted)) {
                listener::call("call", &self.0.label, counters, || listener(&event));
            }
        }
        events::emit("call", || self.0.label.clone(), counters, What::Done { success });
    }
}

impl<P> Clone for Executor<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: fmt::Debug> fmt::Debug for Executor<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Executor").field(&self.0.policies).finish()
    }
}

/// The user's own code.
struct Leaf<F>(F);

impl<R, F, A> Body<R> for Leaf<F>
where
    F: Fn() -> A + Sync + Send,
    A: Future<Output = R> + Send,
{
    async fn run(&self, call: &mut Call) -> Flow<R> {
        track(call, (self.0)()).await
    }
}
