//! The greatest number of a stretch of time.

use std::collections::VecDeque;

/// The numbers that are, or may yet become, the greatest of the last so many nanoseconds: with time
/// rising and falling in value.
#[derive(Debug, Default)]
pub(super) struct Peak(VecDeque<(u64, u32)>);

impl Peak {
    /// Adds a number; the greatest that is left. What is as old as the stretch is long has gone.
    pub(super) fn add(&mut self, now: u64, number: u32, stretch: u64) -> u32 {
        while self.0.front().is_some_and(|(at, _)| at.saturating_add(stretch) <= now) {
            self.0.pop_front();
        }
        while self.0.back().is_some_and(|(_, other)| *other <= number) {
            self.0.pop_back();
        }
        self.0.push_back((now, number));
        self.0.front().map_or(number, |(_, greatest)| *greatest)
    }
}
