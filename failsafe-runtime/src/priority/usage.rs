use super::core::Users;
use super::{Level, Priority};
use crate::clock::{Moment, nanos, now};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Who used how much of a service of late, so that heavy users are refused before light ones of the
/// same priority.
///
/// Usage is whatever costs: nanoseconds, bytes, rows. It counts for `window`, in thirty slices of it.
/// [`calibrate`](Self::calibrate) compares the users; in between, levels are those of the last time.
/// There are never more than `max_users`: the one who was active longest ago goes for a new one. Users
/// that used nothing for two windows are forgotten.
///
/// ```
/// # use failsafe_runtime::priority::{Level, Priority, UsageTracker};
/// # use std::time::Duration;
/// let usage = UsageTracker::new(Duration::from_secs(60), 1000);
/// usage.record("light", 100);
/// usage.record("heavy", 200);
/// usage.calibrate();
/// assert_eq!(usage.level("light", Priority::Medium), Level::new(299));
/// assert_eq!(usage.level("heavy", Priority::Medium), Level::new(249));
/// ```
pub struct UsageTracker {
    start: Moment,
    users: Mutex<Users>,
}

impl UsageTracker {
    /// One that counts usage for so long, of at most so many users, at least 1.
    pub fn new(window: Duration, max_users: u32) -> Self {
        Self { start: now(), users: Mutex::new(Users::new(nanos(window), max_users)) }
    }

    /// Adds to what a user used.
    pub fn record(&self, user: &str, usage: u64) {
        let now = self.now();
        self.users().record(user, usage, now);
    }

    /// Compares the users.
    pub fn calibrate(&self) {
        let now = self.now();
        self.users().calibrate(now);
    }

    /// What a user used in the window that ends now; none of one that is not known.
    pub fn usage(&self, user: &str) -> Option<u64> {
        let now = self.now();
        self.users().usage(user, now)
    }

    /// The level of a user within a priority: the highest of who used least, of who is not known, and
    /// of who came after the last calibration.
    pub fn level(&self, user: &str, priority: Priority) -> Level {
        let now = self.now();
        self.users().level(user, priority, now)
    }

    /// How many users are known.
    pub fn users_known(&self) -> usize {
        self.users().len()
    }

    /// Another window and another number of users from now on. What was used stays counted, as far as
    /// it is in the window; of fewer users those stay who were active last.
    pub(crate) fn resize(&self, window: Duration, max_users: u32) {
        self.users().resize(nanos(window), max_users);
    }

    /// Forgets all.
    pub(crate) fn reset(&self) {
        self.users().clear();
    }

    fn now(&self) -> u64 {
        nanos(now().since(self.start))
    }

    fn users(&self) -> MutexGuard<'_, Users> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for UsageTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsageTracker").field("users", &self.users_known()).finish_non_exhaustive()
    }
}
