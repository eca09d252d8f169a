//! For tests: a clock that moves by itself, to the nanosecond, and scripted chance.
//!
//! Tests of asynchronous code rarely need this: tokio's paused clock is enough. It is for blocking
//! functions, whose waits would take real time, and for tests that count nanoseconds, which tokio's
//! timer rounds up to milliseconds.

use crate::clock::Moment;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// How many virtual clocks and scripts exist on any thread: nobody looks for one while it is zero.
static ACTIVE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static CLOCK: RefCell<Option<VirtualTime>> = const { RefCell::new(None) };
    static SCRIPT: RefCell<Option<VecDeque<f64>>> = const { RefCell::new(None) };
}

/// A clock for the current thread that stands still while there is work and jumps to the next
/// deadline when there is none.
///
/// ```
/// use failsafe_runtime::testing::VirtualTime;
/// use std::time::Duration;
///
/// let time = VirtualTime::new();
/// time.run(VirtualTime::sleep(Duration::from_secs(3600)));
/// assert_eq!(time.elapsed(), Duration::from_secs(3600));
/// ```
#[derive(Debug, Clone, Default)]
pub struct VirtualTime(Rc<RefCell<Timeline>>);

#[derive(Debug, Default)]
struct Timeline {
    elapsed: Duration,
    /// Wakers by deadline, then in the order in which they came.
    deadlines: BTreeMap<(Moment, u64), Waker>,
    next: u64,
}

impl VirtualTime {
    /// A clock at its start.
    pub fn new() -> Self {
        Self::default()
    }

    /// How far the clock has moved.
    pub fn elapsed(&self) -> Duration {
        self.0.borrow().elapsed
    }

    /// Moves the clock, without waking anybody.
    pub fn advance(&self, duration: Duration) {
        let mut timeline = self.0.borrow_mut();
        timeline.elapsed = timeline.elapsed.saturating_add(duration);
    }

    /// Runs blocking code under this clock: its waits move the clock and return at once.
    pub fn blocking<R>(&self, code: impl FnOnce() -> R) -> R {
        let _entered = self.enter();
        code()
    }

    /// Runs a future under this clock to its end.
    ///
    /// # Panics
    ///
    /// When the future waits for something other than this clock.
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        let _entered = self.enter();
        let mut future = pin!(future);
        let flag = Arc::new(Flag::default());
        let waker = Waker::from(Arc::clone(&flag));
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
            if !flag.0.swap(false, Ordering::Relaxed) {
                assert!(self.jump(), "the future waits for something other than the virtual clock");
            }
        }
    }

    /// Waits for the clock of the current thread to move so far.
    ///
    /// # Panics
    ///
    /// When no virtual clock runs on this thread.
    pub async fn sleep(duration: Duration) {
        let deadline = virtual_now().expect("a virtual clock runs this future").plus(duration);
        poll_fn(|cx| poll_deadline(deadline, cx.waker())).await;
    }

    fn enter(&self) -> Entered {
        ACTIVE.fetch_add(1, Ordering::Relaxed);
        Entered(CLOCK.with(|clock| clock.replace(Some(self.clone()))))
    }

    fn now(&self) -> Moment {
        Moment::virtual_time(self.0.borrow().elapsed)
    }

    /// Moves to the earliest deadline and wakes all who wait for it.
    fn jump(&self) -> bool {
        let woken = {
            let mut timeline = self.0.borrow_mut();
            let Some((&(deadline, _), _)) = timeline.deadlines.first_key_value() else {
                return false;
            };
            let later = timeline.deadlines.split_off(&(deadline, u64::MAX));
            let due = std::mem::replace(&mut timeline.deadlines, later);
            let start = Moment::virtual_time(Duration::ZERO);
            timeline.elapsed = timeline.elapsed.max(deadline.since(start));
            due
        };
        woken.into_values().for_each(Waker::wake);
        true
    }
}

struct Entered(Option<VirtualTime>);

impl Drop for Entered {
    fn drop(&mut self) {
        ACTIVE.fetch_sub(1, Ordering::Relaxed);
        CLOCK.with(|clock| clock.replace(self.0.take()));
    }
}

#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn current() -> Option<VirtualTime> {
    if ACTIVE.load(Ordering::Relaxed) == 0 {
        return None;
    }
    CLOCK.with(|clock| clock.borrow().clone())
}

/// What the virtual clock of this thread reads, if there is one.
pub(crate) fn virtual_now() -> Option<Moment> {
    current().map(|time| time.now())
}

/// Moves the virtual clock of this thread, if there is one.
pub(crate) fn advance_current(duration: Duration) -> bool {
    current().is_some_and(|time| {
        time.advance(duration);
        true
    })
}

/// Whether the virtual clock has reached the deadline; if not, it will wake.
pub(crate) fn poll_deadline(deadline: Moment, waker: &Waker) -> Poll<()> {
    let Some(time) = current() else { return Poll::Pending };
    if time.now() >= deadline {
        return Poll::Ready(());
    }
    let mut timeline = time.0.borrow_mut();
    let order = timeline.next;
    timeline.next += 1;
    timeline.deadlines.insert((deadline, order), waker.clone());
    Poll::Pending
}

/// Runs code whose draws of chance, each from 0 to 1, are these, in order; returns how many were
/// left over as well.
///
/// # Panics
///
/// When more are drawn than there are.
pub fn with_chance<R>(
    draws: impl IntoIterator<Item = f64>,
    code: impl FnOnce() -> R,
) -> (R, usize) {
    struct Restore(Option<VecDeque<f64>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            ACTIVE.fetch_sub(1, Ordering::Relaxed);
            SCRIPT.with(|script| script.replace(self.0.take()));
        }
    }
    ACTIVE.fetch_add(1, Ordering::Relaxed);
    let script = draws.into_iter().collect();
    let _restore = Restore(SCRIPT.with(|current| current.replace(Some(script))));
    let result = code();
    let left = SCRIPT.with(|script| script.borrow().as_ref().map_or(0, VecDeque::len));
    (result, left)
}

/// The next scripted draw, if this thread follows a script.
pub(crate) fn scripted_draw() -> Option<f64> {
    if ACTIVE.load(Ordering::Relaxed) == 0 {
        return None;
    }
    SCRIPT.with(|script| {
        script.borrow_mut().as_mut().map(|draws| {
            draws.pop_front().expect("the script of chance holds as many draws as are taken")
        })
    })
}
