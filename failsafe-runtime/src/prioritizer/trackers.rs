//! The levels of the last calls, in windows of which each call reads the current one.

use crate::priority::LevelTracker;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A tracker for each window there has been; there are as many as different windows, and none goes,
/// so that a call finds the current one without a lock.
#[derive(Debug)]
pub(super) struct Trackers {
    first: Tracker,
    /// How many are before the current one.
    current: AtomicUsize,
    changing: Mutex<()>,
}

#[derive(Debug)]
struct Tracker {
    window: u32,
    levels: LevelTracker,
    next: OnceLock<Box<Self>>,
}

impl Tracker {
    fn new(window: u32) -> Self {
        Self { window, levels: LevelTracker::new(window), next: OnceLock::new() }
    }
}

impl Trackers {
    pub(super) fn new(window: u32) -> Self {
        Self { first: Tracker::new(window), current: AtomicUsize::new(0), changing: Mutex::new(()) }
    }

    #[inline]
    pub(super) fn current(&self) -> &LevelTracker {
        &self.current_tracker().levels
    }

    fn current_tracker(&self) -> &Tracker {
        let mut tracker = &self.first;
        for _ in 0..self.current.load(Ordering::Acquire) {
            tracker = tracker.next.get().map_or(tracker, |next| &**next);
        }
        tracker
    }

    /// Another window from now on, with the last levels of the one before. A level that is recorded
    /// at the same time may be in it or not.
    pub(super) fn resize(&self, window: u32) {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let old = self.current_tracker();
        if old.window == window {
            return;
        }
        let (mut tracker, mut before) = (&self.first, 0);
        while tracker.window != window {
            tracker = &**tracker.next.get_or_init(|| Box::new(Tracker::new(window)));
            before += 1;
        }
        tracker.levels.reset();
        old.levels.latest().for_each(|level| tracker.levels.record(level));
        self.current.store(before, Ordering::Release);
    }
}
