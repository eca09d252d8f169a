//! Which attempt of a call is running: counters that travel with the call, and
//! [`attempt`] to read them from inside the body.

use crate::clock::{self, Moment, Sleep, now};
use crate::outcome::Flow;
use crate::rejected::Rejected;
use crate::tally;
use pin_project_lite::pin_project;
use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, ready};
use std::time::Duration;

/// What is known of one call, on its way through the policies.
///
/// It is part of the future of every call, so it is small: two words. What only a call with a
/// failed attempt needs is kept elsewhere.
#[derive(Debug, Default)]
pub struct Call {
    story: Option<Box<Story>>,
    /// When the call began, in the lower 61 bits, 0 as long as nobody needed to know; and three
    /// flags.
    word: u64,
}

/// A policy took the outcome, as it stands, for a failure.
const FAILED: u64 = 1 << 63;
/// The body has been run in the current attempt.
const RAN: u64 = 1 << 62;
/// It is one of several attempts that run side by side, and what it counts is counted for all.
const BESIDE: u64 = 1 << 61;

/// What happened in a call before its current attempt.
#[derive(Debug, Default)]
struct Story {
    executions: u32,
    retries: u32,
    hedges: u32,
    last: Option<Arc<LastFailure>>,
    /// Which attempt this is, where others run beside it.
    number: u32,
    /// Whether it was begun beside one that takes long.
    hedge: bool,
    /// What the retries around this call know, the outermost first.
    retrying: Vec<Retrying>,
    /// What steps hold that has no room in themselves, the outermost first.
    kept: Vec<Box<dyn Any + Send + Sync>>,
    /// The timer of the retry that waits, as one at a time can; none for a delay of zero.
    waiting: Option<Pin<Box<Sleep>>>,
}

/// What one retry knows of the call.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Retrying {
    /// Failed attempts.
    pub(crate) failed: u32,
    /// The last delay of a backoff in nanoseconds, before jitter; 0 before the first.
    pub(crate) last_delay: u64,
}

impl Call {
    /// A call that begins. The clock is not read: a call that nobody asks how long it has run need
    /// not know.
    pub const fn new() -> Self {
        Self { story: None, word: 0 }
    }

    /// A call that begins, and knows when.
    pub fn timed() -> Self {
        let mut call = Self::new();
        call.elapsed();
        call
    }

    /// How long the call has run: since it began, or first failed, or was first asked.
    pub(crate) fn elapsed(&mut self) -> Duration {
        let now = now();
        if self.started() == 0 {
            self.word |= now.nanos();
        }
        now.since(Moment::from_nanos(self.started()))
    }

    const fn started(&self) -> u64 {
        self.word & !(FAILED | RAN | BESIDE)
    }

    /// Whether a body that asks for its attempt would hear nothing but defaults.
    const fn is_plain(&self) -> bool {
        self.story.is_none() && self.started() == 0 && !self.is_beside()
    }

    /// An attempt failed so, and another will follow.
    pub(crate) fn failed_with(&mut self, failure: LastFailure) {
        self.story.get_or_insert_default().last = Some(Arc::new(failure));
    }

    /// What the retry in this place, counted from 1, knows of the call; one that has none yet, which
    /// is place 0, gets the next. Retries nest, so what is beyond the place belongs to runs inside
    /// it that are over.
    pub(crate) fn retrying(&mut self, place: &mut u32) -> &mut Retrying {
        let retrying = &mut self.story.get_or_insert_default().retrying;
        if *place == 0 {
            retrying.push(Retrying::default());
            *place = u32::try_from(retrying.len()).unwrap_or(u32::MAX);
        }
        let index = *place as usize - 1;
        retrying.truncate(index + 1);
        &mut retrying[index]
    }

    /// Keeps what a step holds.
    pub(crate) fn keep(&mut self, held: Box<dyn Any + Send + Sync>) {
        self.story.get_or_insert_default().kept.push(held);
    }

    /// Gives back what was kept last: steps end in the reverse of the order in which they begin.
    pub(crate) fn kept(&mut self) -> Option<Box<dyn Any + Send + Sync>> {
        self.story.as_mut()?.kept.pop()
    }

    /// Begins a wait between two attempts.
    pub(crate) fn wait_for(&mut self, delay: Duration) {
        let timer = (!delay.is_zero()).then(|| Box::pin(clock::wait(delay)));
        self.story.get_or_insert_default().waiting = timer;
    }

    /// Whether that wait is over.
    pub(crate) fn poll_wait(&mut self, cx: &mut TaskContext<'_>) -> Poll<()> {
        let timer = self.story.as_deref_mut().and_then(|story| story.waiting.as_mut());
        match timer {
            Some(timer) => ready!(timer.as_mut().poll(cx)),
            None => ready!(pin!(clock::wait(Duration::ZERO)).poll(cx)),
        }
        if let Some(story) = &mut self.story {
            story.waiting = None;
        }
        Poll::Ready(())
    }

    /// Begins another attempt after a failure.
    pub(crate) fn begin_retry(&mut self) {
        let ran = u32::from(self.word & RAN != 0);
        self.word &= !RAN;
        let story = self.story.get_or_insert_default();
        story.retries = story.retries.saturating_add(1);
        story.executions = story.executions.saturating_add(ran);
        if self.word & BESIDE != 0 {
            tally::count(Counters::begin_retry);
            story.number = tally::current().attempts;
        }
    }

    /// The body runs, and will come to an outcome that nobody has judged. While it does, the call
    /// is where [`attempt`] finds it; one that has nothing to tell is not put there, unless another
    /// call has to be hidden from the body.
    #[inline]
    pub(crate) fn enter(&mut self) -> Option<Entered<'_>> {
        if self.word & (RAN | BESIDE) == BESIDE {
            count_execution();
        }
        self.word = self.word & !FAILED | RAN;
        let hidden = self.is_plain() && !OCCUPIED.get();
        if hidden { None } else { Some(Entered::new(self)) }
    }

    /// Whether other attempts of the same call may run beside it.
    pub(crate) const fn is_beside(&self) -> bool {
        self.word & BESIDE != 0
    }

    /// An attempt of this call beside which others may run: with a past of its own from here on, but
    /// counters that they share, which are in force whenever it runs.
    pub(crate) fn beside(&self) -> Self {
        let story = self.story.as_deref().map(|story| {
            let Story { executions, retries, hedges, number, hedge, .. } = *story;
            let number = if self.is_beside() { number } else { self.counters().attempts };
            let last = story.last.clone();
            let story =
                Story { executions, retries, hedges, last, number, hedge, ..Story::default() };
            Box::new(story)
        });
        Self { story, word: self.started() | BESIDE }
    }

    /// The same, of a hedge that begins.
    pub(crate) fn hedge(&self) -> Self {
        tally::count(Counters::begin_hedge);
        let mut call = self.beside();
        let story = call.story.get_or_insert_default();
        (story.number, story.hedge) = (tally::current().attempts, true);
        call
    }

    /// The attempts that ran side by side are over, and have counted so much.
    pub(crate) fn ran(&mut self, counters: Counters, failed: bool) {
        self.judged(failed);
        if self.is_beside() {
            return;
        }
        let before = self.counters();
        let runs = counters.executions.saturating_sub(before.executions);
        let as_one = (counters.retries, counters.hedges) == (before.retries, before.hedges);
        if as_one && (runs == 0 || runs == 1 && self.word & RAN == 0) {
            self.word |= if runs == 1 { RAN } else { 0 };
            return;
        }
        self.word &= !RAN;
        let story = self.story.get_or_insert_default();
        let Counters { executions, retries, hedges, .. } = counters;
        (story.executions, story.retries, story.hedges) = (executions, retries, hedges);
    }

    /// A policy that has a notion of failure has judged the outcome.
    pub(crate) const fn judged(&mut self, failed: bool) {
        self.word = if failed { self.word | FAILED } else { self.word & !FAILED };
    }

    /// Whether a policy took the outcome, as it stands, for a failure.
    pub(crate) const fn is_judged_failure(&self) -> bool {
        self.word & FAILED != 0
    }

    /// The counters as they stand.
    pub(crate) fn counters(&self) -> Counters {
        if self.is_beside() {
            return tally::current();
        }
        let ran = u32::from(self.word & RAN != 0);
        let story = self.story.as_deref();
        let (retries, hedges) = story.map_or((0, 0), |story| (story.retries, story.hedges));
        Counters {
            attempts: retries.saturating_add(hedges).saturating_add(1),
            executions: story.map_or(0, |story| story.executions).saturating_add(ran),
            retries,
            hedges,
        }
    }

    /// The attempt that is running, as its body sees it.
    fn attempt(&mut self) -> Attempt {
        let (counters, elapsed) = (self.counters(), self.elapsed());
        let story = self.story.as_deref();
        let (number, retried) = match story {
            Some(story) if self.is_beside() => (story.number.max(1), story.retries > 0),
            None if self.is_beside() => (1, false),
            _ => (counters.attempts, counters.retries > 0),
        };
        let hedge = story.is_some_and(|story| story.hedge);
        let last = story.and_then(|story| story.last.clone());
        Attempt { counters, number, retried, hedge, elapsed, last }
    }
}

/// Counts a run of a body beside others.
#[cold]
#[inline(never)]
fn count_execution() {
    tally::count(|all| all.executions = all.executions.saturating_add(1));
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

impl Counters {
    pub(crate) const NONE: Self = Self { attempts: 0, executions: 0, retries: 0, hedges: 0 };

    const fn begin_retry(&mut self) {
        self.retries = self.retries.saturating_add(1);
        self.attempts = self.attempts.saturating_add(1);
    }

    const fn begin_hedge(&mut self) {
        self.hedges = self.hedges.saturating_add(1);
        self.attempts = self.attempts.saturating_add(1);
    }
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
    number: u32,
    retried: bool,
    hedge: bool,
    elapsed: Duration,
    last: Option<Arc<LastFailure>>,
}

impl Attempt {
    /// Which attempt of the call this is, from 1.
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// How many retries the call has begun, this attempt included if it is one.
    pub const fn retries(&self) -> u32 {
        self.counters.retries
    }

    /// How many hedges the call has begun, this attempt included if it is one.
    pub const fn hedges(&self) -> u32 {
        self.counters.hedges
    }

    /// Whether this is the first attempt.
    pub const fn is_first(&self) -> bool {
        self.number == 1
    }

    /// Whether this attempt follows a failed one.
    pub const fn is_retry(&self) -> bool {
        self.retried
    }

    /// Whether this attempt was begun beside one that takes long.
    pub const fn is_hedge(&self) -> bool {
        self.hedge
    }

    /// How long the call has run: since it began, or where it did not need to know, since it first
    /// failed or was first asked.
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
    let attempt = match &mut current {
        Some(call) => call.attempt(),
        None => Attempt { elapsed: Duration::ZERO, ..Call::new().attempt() },
    };
    CURRENT.set(current);
    attempt
}

thread_local! {
    /// Whether a call is where [`attempt`] finds it; asked on every poll, so it is no more than this.
    static OCCUPIED: Cell<bool> = const { Cell::new(false) };
}

/// Puts the call where [`attempt`] finds it, and takes it back when dropped.
pub(crate) struct Entered<'a> {
    call: &'a mut Call,
    outer: Option<Call>,
}

impl<'a> Entered<'a> {
    #[cold]
    #[inline(never)]
    fn new(call: &'a mut Call) -> Self {
        let outer = CURRENT.replace(Some(std::mem::take(call)));
        OCCUPIED.set(true);
        Self { call, outer }
    }
}

impl Drop for Entered<'_> {
    #[cold]
    #[inline(never)]
    fn drop(&mut self) {
        OCCUPIED.set(self.outer.is_some());
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
        #[pin]
        body: F,
    }
}

impl<F: Future> Future for Tracked<'_, F> {
    type Output = Flow<F::Output>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Flow<F::Output>> {
        let this = self.project();
        let _entered = this.call.enter();
        // Written out, as a closure would be compiled anew for each function.
        match this.body.poll(cx) {
            Poll::Ready(outcome) => Poll::Ready(Ok(outcome)),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Runs the body of an asynchronous function as an attempt of this call.
pub const fn track<F: Future>(call: &mut Call, body: F) -> Tracked<'_, F> {
    Tracked { call, body }
}

/// Runs the body of a blocking function as an attempt of this call.
///
/// # Errors
///
/// Never; the type is what travels between policies.
pub fn run<R>(call: &mut Call, body: impl FnOnce() -> R) -> Flow<R> {
    let _entered = call.enter();
    Ok(body())
}
