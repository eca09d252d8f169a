//! What wakes the thread that watches.

use crate::clock::now;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// However often files change, they are looked at after so many times the time they are left alone.
const PATIENCE: u32 = 10;

/// What was heard since the thread looked last.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
struct Heard {
    /// Something has changed.
    news: bool,
    /// A folder that is watched is another one now.
    lost: bool,
    /// Somebody has begun to write, and has not closed the file.
    writing: bool,
    /// The guard was dropped.
    stop: bool,
}

/// Something that was heard of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    Changed,
    /// Its contents change, and the end of that will be heard.
    Writing,
    /// Whoever wrote has closed it.
    Written,
    /// What is watched may not be what is there.
    Lost,
}

/// Why the thread goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    Changed { lost: bool },
    TimeToPoll,
    Stopped,
}

#[derive(Debug, Default)]
pub(super) struct Signal {
    heard: Mutex<Heard>,
    changed: Condvar,
}

impl Signal {
    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tell(&self, news: News) {
        let mut heard = self.lock();
        heard.news = true;
        match news {
            News::Changed => {}
            News::Writing => heard.writing = true,
            News::Written => heard.writing = false,
            News::Lost => heard.lost = true,
        }
        self.changed.notify_one();
    }

    pub(super) fn stop(&self) {
        self.lock().stop = true;
        self.changed.notify_one();
    }

    /// Whether there is something that was not waited for.
    pub(super) fn has_news(&self) -> bool {
        self.lock().news
    }

    /// Waits until something has changed and the files are left alone, or it is time to poll.
    pub(super) fn wait(&self, poll: Option<Duration>, debounce: Duration) -> Woken {
        let quiet = |heard: &mut Heard| !heard.news && !heard.stop;
        let mut heard = self.lock();
        heard = match poll {
            None => self.changed.wait_while(heard, quiet).unwrap_or_else(PoisonError::into_inner),
            Some(poll) => self.wait_at_most(heard, poll, quiet),
        };
        if !heard.news && !heard.stop {
            return Woken::TimeToPoll;
        }
        let start = now();
        while !heard.stop {
            heard.news = false;
            heard = self.wait_at_most(heard, debounce, quiet);
            let is_settled = !heard.news && !heard.writing;
            if is_settled || now().since(start) >= debounce.saturating_mul(PATIENCE) {
                break;
            }
        }
        if heard.stop {
            return Woken::Stopped;
        }
        // Its end may have been missed; it is not waited for again.
        heard.writing = false;
        heard.news = false;
        Woken::Changed { lost: std::mem::take(&mut heard.lost) }
    }

    fn wait_at_most<'a>(
        &self,
        heard: MutexGuard<'a, Heard>,
        longest: Duration,
        quiet: impl FnMut(&mut Heard) -> bool,
    ) -> MutexGuard<'a, Heard> {
        let waited = self.changed.wait_timeout_while(heard, longest, quiet);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
