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

#[cfg(test)]
mod tests {
    use super::Peak;

    // failsafe-go's max window of five minutes.
    #[test]
    fn the_greatest_of_five_minutes() {
        let mut peak = Peak::default();
        for (seconds, number, greatest) in [
            (0, 1030, 1030),
            (30, 691, 1030),
            (60, 849, 1030),
            (90, 836, 1030),
            (120, 1028, 1030),
            (150, 700, 1030),
            (301, 650, 1028),
            (421, 400, 700),
            (601, 300, 400),
            (721, 100, 300),
        ] {
            assert_eq!(peak.add(seconds, number, 300), greatest, "at {seconds} s");
        }
    }
}
