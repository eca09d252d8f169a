//! Which attempt of a call is running: counters that travel with the call, and
//! [`attempt`] to read them from inside the body.

use crate::clock::{Moment, now};
use crate::outcome::Flow;
use crate::rejected::Rejected;
use pin_project_lite::pin_project;
use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

/// What is known of one call, on its way through the policies.
#[derive(Debug, Clone)]
pub struct Call {
    attempts: u32,
    executions: u32,
    retries: u32,
    hedges: u32,
    /// Whether a policy took the outcome, as it stands, for a failure.
    failed: bool,
    /// When it began; 0 as long as nobody needed to know.
    started: u64,
    last: Option<Arc<LastFailure>>,
}

impl Call {
    /// A call that begins. The clock is not read yet: only a call that waits, fails or asks needs
    /// to know when it began.
    pub const fn new() -> Self {
        let failed = false;
        Self { attempts: 1, executions: 0, retries: 0, hedges: 0, failed, started: 0, last: None }
    }

    /// A blocking call that begins; its body may block at once, so the clock is read now.
    pub fn blocking() -> Self {
        let mut call = Self::new();
        call.elapsed();
        call
    }

    /// How long the call has run: since it first waited, failed or asked.
    pub(crate) fn elapsed(&mut self) -> Duration {
        let now = now();
        if self.started == 0 {
            self.started = now.nanos();
        }
        now.since(Moment::from_nanos(self.started))
    }

    /// An attempt failed so, and another will follow.
    pub(crate) fn failed_with(&mut self, failure: LastFailure) {
        self.last = Some(Arc::new(failure));
    }

    /// Begins another attempt after a failure.
    pub(crate) const fn begin_retry(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
        self.retries = self.retries.saturating_add(1);
    }

    /// The body came to an end, with an outcome that nobody has judged.
    fn executed(&mut self) {
        self.executions = self.executions.saturating_add(1);
        self.failed = false;
    }

    /// A policy that has a notion of failure has judged the outcome.
    pub(crate) const fn judged(&mut self, failed: bool) {
        self.failed = failed;
    }

    /// Whether a policy took the outcome, as it stands, for a failure.
    pub(crate) const fn is_judged_failure(&self) -> bool {
        self.failed
    }

    /// The counters as they stand.
    pub(crate) const fn counters(&self) -> Counters {
        Counters {
            attempts: self.attempts,
            executions: self.executions,
            retries: self.retries,
            hedges: self.hedges,
        }
    }
}

impl Default for Call {
    fn default() -> Self {
        Self::new()
    }
}

/// How often things happened in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Counters {
    /// Attempts begun, the first one included.
    pub attempts: u32,
    /// Runs of the body that came to an end, those that a timeout dropped included.
    pub executions: u32,
    /// Retries begun.
    pub retries: u32,
    /// Hedges begun.
    pub hedges: u32,
}

/// How the attempt before this one failed.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub enum LastFailure {
    /// The function returned a failing value, described here as far as its type allows.
    Outcome(String),
    /// A policy inside the retry refused the call or gave up on it.
    Rejected(Rejected),
}

impl fmt::Display for LastFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outcome(text) => f.write_str(text),
            Self::Rejected(rejected) => rejected.fmt(f),
        }
    }
}

/// The attempt that is running, as its body sees it.
#[derive(Debug, Clone)]
pub struct Attempt {
    counters: Counters,
    elapsed: Duration,
    last: Option<Arc<LastFailure>>,
}

impl Attempt {
    /// Which attempt this is, from 1.
    pub const fn number(&self) -> u32 {
        self.counters.attempts
    }

    /// How many retries have begun, this attempt included if it is one.
    pub const fn retries(&self) -> u32 {
        self.counters.retries
    }

    /// How many hedges have begun, this attempt included if it is one.
    pub const fn hedges(&self) -> u32 {
        self.counters.hedges
    }

    /// Whether this is the first attempt.
    pub const fn is_first(&self) -> bool {
        self.counters.attempts == 1
    }

    /// Whether this attempt follows a failed one.
    pub const fn is_retry(&self) -> bool {
        self.counters.retries > 0
    }

    /// Whether this attempt runs beside one that takes long.
    pub const fn is_hedge(&self) -> bool {
        self.counters.hedges > 0
    }

    /// How long the call has run: since it first waited, failed or asked.
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// How the attempt before this one failed.
    pub fn last_failure(&self) -> Option<&LastFailure> {
        self.last.as_deref()
    }
}

thread_local! {
    static CURRENT: Cell<Option<Call>> = const { Cell::new(None) };
}

/// The attempt that is running: its number, the retries before it, the last failure.
///
/// Outside a function with a `retry` it is a first attempt.
///
/// ```
/// # use failsafe_runtime as failsafe;
/// assert_eq!(failsafe::attempt().number(), 1);
/// ```
pub fn attempt() -> Attempt {
    let mut current = CURRENT.take();
    let attempt = current.as_mut().map_or_else(
        || Attempt { counters: Call::new().counters(), elapsed: Duration::ZERO, last: None },
        |call| Attempt {
            counters: call.counters(),
            elapsed: call.elapsed(),
            last: call.last.clone(),
        },
    );
    CURRENT.set(current);
    attempt
}

/// Puts the call where [`attempt`] finds it, and takes it back when dropped.
struct Entered<'a> {
    call: &'a mut Call,
    outer: Option<Call>,
}

impl<'a> Entered<'a> {
    fn new(call: &'a mut Call) -> Self {
        let outer = CURRENT.replace(Some(std::mem::take(call)));
        Self { call, outer }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        if let Some(call) = CURRENT.replace(self.outer.take()) {
            *self.call = call;
        }
    }
}

pin_project! {
    /// One attempt: a run of the body that [`attempt`] describes.
    #[derive(Debug)]
    pub struct Tracked<'a, F> {
        call: &'a mut Call,
        begun: bool,
        #[pin]
        body: F,
    }

    impl<F> PinnedDrop for Tracked<'_, F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if *this.begun && !std::thread::panicking() {
                this.call.executed();
            }
        }
    }
}

impl<F: Future> Future for Tracked<'_, F> {
    type Output = Flow<F::Output>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Flow<F::Output>> {
        let this = self.project();
        *this.begun = true;
        let polled = {
            let entered = Entered::new(this.call);
            let polled = this.body.poll(cx);
            drop(entered);
            polled
        };
        if polled.is_ready() {
            *this.begun = false;
            this.call.executed();
        } else if this.call.started == 0 {
            this.call.elapsed();
        }
        polled.map(Ok)
    }
}

/// Runs the body of an asynchronous function as an attempt of this call.
pub const fn track<F: Future>(call: &mut Call, body: F) -> Tracked<'_, F> {
    Tracked { call, begun: false, body }
}

/// Runs the body of a blocking function as an attempt of this call.
///
/// # Errors
///
/// Never; the type is what travels between policies.
pub fn run<R>(call: &mut Call, body: impl FnOnce() -> R) -> Flow<R> {
    let entered = Entered::new(call);
    let outcome = body();
    drop(entered);
    call.executed();
    Ok(outcome)
}
