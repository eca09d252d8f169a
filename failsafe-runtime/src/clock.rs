//! Time: the only file that reads a clock, sleeps or blocks.
//!
//! Asynchronous code follows tokio's clock, so `#[tokio::test(start_paused = true)]` makes a test
//! instant and deterministic. Under [`VirtualTime`](crate::testing::VirtualTime) everything on that
//! thread follows the virtual clock, to the nanosecond, blocking waits included.

#![expect(clippy::disallowed_methods, reason = "this file is where time is read and waited for")]

use crate::testing;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;
use tokio::time::Instant;

/// Where the first reading of the clock is put, so that earlier instants have a place too.
const MIDDLE: u64 = 1 << 60;

/// A point in time, in nanoseconds on a scale of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// A moment of a virtual clock that has run for so long.
    pub(crate) fn virtual_time(elapsed: Duration) -> Self {
        Self(MIDDLE).plus(elapsed)
    }

    /// How long after `earlier` this is; zero when it is before it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// The moment so much later; the end of time when there is none.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }

    /// The moment so much earlier; the beginning of time when there is none.
    pub(crate) fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(duration)))
    }

    /// What the clock reads: tokio's, or the virtual one of this thread.
    pub fn now() -> Self {
        now()
    }

    /// The reading as a number that is never 0, and below 2 to the 61st.
    pub(crate) fn nanos(self) -> u64 {
        self.0.clamp(1, (1 << 61) - 1)
    }

    /// The moment of a number from [`Self::nanos`].
    pub(crate) fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }
}

/// A duration in nanoseconds, as long as there is a number for it.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// What the clock reads.
pub(crate) fn now() -> Moment {
    testing::virtual_now().unwrap_or_else(|| from_instant(Instant::now()))
}

fn from_instant(instant: Instant) -> Moment {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    let origin = *ORIGIN.get_or_init(|| instant);
    Moment(if instant >= origin {
        MIDDLE.saturating_add(nanos(instant - origin))
    } else {
        MIDDLE.saturating_sub(nanos(origin - instant))
    })
}

pin_project! {
    /// Waits for a moment of whichever clock is in force.
    #[project = SleepProjection]
    #[derive(Debug)]
    pub enum Sleep {
        Now,
        Unarmed { duration: Duration },
        Timer { #[pin] timer: tokio::time::Sleep },
        Virtual { deadline: Moment },
    }
}

/// Waits so long.
pub(crate) fn sleep(duration: Duration) -> Sleep {
    testing::virtual_now().map_or_else(
        || Sleep::Timer { timer: tokio::time::sleep(duration) },
        |now| Sleep::Virtual { deadline: now.plus(duration) },
    )
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.as_mut().project() {
            SleepProjection::Unarmed { duration } => {
                let armed = sleep(*duration);
                self.set(armed);
                self.poll(cx)
            }
            // A task that has used up its share gives way.
            SleepProjection::Now => pin!(tokio::task::coop::consume_budget()).poll(cx),
            SleepProjection::Timer { timer } => timer.poll(cx),
            SleepProjection::Virtual { deadline } => testing::poll_deadline(*deadline, cx.waker()),
        }
    }
}

/// Waits between two attempts. Without a delay no timer is armed; the task only gives way when it
/// has used up its share, so that a retry without delay and without end can still be cancelled.
///
/// The timer is armed where it is first looked at, so that it is not moved there.
#[inline]
pub const fn wait(delay: Duration) -> Sleep {
    if delay.is_zero() { Sleep::Now } else { Sleep::Unarmed { duration: delay } }
}

/// Blocks the thread until it is unparked, at most so long; returns how long it was. It may return
/// sooner. Under a virtual clock nobody else runs on this thread, so the whole time passes.
pub(crate) fn park(longest: Duration) -> Duration {
    if longest == Duration::MAX {
        std::thread::park();
        return Duration::ZERO;
    }
    if testing::advance_current(longest) {
        return longest;
    }
    let start = std::time::Instant::now();
    std::thread::park_timeout(longest);
    start.elapsed()
}

/// Wakes a thread that is [parked](park).
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// What ends a [`park`] of the current thread.
pub(crate) fn unpark_this_thread() -> Waker {
    Waker::from(Arc::new(Unpark(std::thread::current())))
}

/// Blocks the thread between two attempts.
pub fn block(delay: Duration) {
    if !delay.is_zero() && !testing::advance_current(delay) {
        std::thread::sleep(delay);
    }
}
