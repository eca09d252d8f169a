use super::Level;
use std::fmt;
use std::sync::atomic::{AtomicU16, AtomicU32, AtomicUsize, Ordering};

/// The levels of the last so many calls, and which level a share of them is at or below.
///
/// It takes no lock: a level costs three atomic additions. Levels that are recorded at the same time
/// as one is asked for may be counted or not.
///
/// ```
/// # use failsafe_runtime::priority::{Level, LevelTracker};
/// let levels = LevelTracker::new(100);
/// for level in [400, 200, 100, 300] {
///     levels.record(Level::new(level));
/// }
/// assert_eq!(levels.level(0.5), Level::new(200));
/// assert_eq!(levels.level(1.0), Level::new(400));
/// ```
pub struct LevelTracker {
    /// The last levels, each one more than it is; 0 is none yet.
    ring: Box<[AtomicU16]>,
    next: AtomicUsize,
    /// How many there are of each.
    counts: Box<[AtomicU32]>,
}

impl LevelTracker {
    /// One that remembers so many levels, at least 1.
    pub fn new(window: u32) -> Self {
        let ring = (0..window.max(1)).map(|_| AtomicU16::new(0)).collect();
        let counts = (0..Level::COUNT).map(|_| AtomicU32::new(0)).collect();
        Self { ring, next: AtomicUsize::new(0), counts }
    }

    /// Adds the level of a call; the oldest one goes if there are as many as it remembers.
    pub fn record(&self, level: Level) {
        let place = self.next.fetch_add(1, Ordering::Relaxed) % self.ring.len();
        // Counted before it is in the ring, so that nobody can take it out of the counts before.
        self.counts[usize::from(level.get())].fetch_add(1, Ordering::Relaxed);
        let oldest = self.ring[place].swap(level.get() + 1, Ordering::AcqRel);
        if let Some(oldest) = oldest.checked_sub(1) {
            self.counts[usize::from(oldest)].fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// The lowest level that this share of the levels, from 0 to 1, is at or below; the least level
    /// if there are none.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "there are fewer than 2 to the 33rd"
    )]
    pub fn level(&self, share: f64) -> Level {
        let counts: Vec<_> =
            self.counts.iter().map(|count| u64::from(count.load(Ordering::Relaxed))).collect();
        let all: u64 = counts.iter().sum();
        let target = ((all as f64 * share).ceil() as u64).max(1);
        let reached = counts.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        let level = reached.into_iter().position(|sum| sum >= target);
        level.map_or(Level::MIN, Level::from)
    }

    /// The levels that there are, the oldest first.
    pub(crate) fn latest(&self) -> impl Iterator<Item = Level> + '_ {
        let next = self.next.load(Ordering::Relaxed);
        let places = (0..self.ring.len()).map(move |place| (next + place) % self.ring.len());
        let levels = places.map(|place| self.ring[place].load(Ordering::Acquire));
        levels.filter_map(|level| level.checked_sub(1)).map(Level::new)
    }

    /// Forgets all.
    pub(crate) fn reset(&self) {
        for place in &self.ring {
            if let Some(level) = place.swap(0, Ordering::AcqRel).checked_sub(1) {
                self.counts[usize::from(level)].fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
}

impl fmt::Debug for LevelTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LevelTracker").field("window", &self.ring.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, LevelTracker};

    fn of(window: u32, levels: impl IntoIterator<Item = u16>) -> LevelTracker {
        let tracker = LevelTracker::new(window);
        levels.into_iter().for_each(|level| tracker.record(Level::new(level)));
        tracker
    }

    // The level tracker of failsafe-go.
    #[test]
    fn a_share_of_the_levels_is_at_or_below_a_level() {
        let shares = |tracker: LevelTracker| {
            [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| tracker.level(share).get())
        };
        assert_eq!(shares(of(100, [400, 200, 100, 300])), [100, 100, 200, 300, 400]);
        assert_eq!(shares(of(100, 0..100)), [0, 24, 49, 74, 99]);
        assert_eq!(shares(of(100, [])), [0; 5]);
        assert_eq!(shares(of(100, [250])), [250; 5]);
        for (levels, middle) in [(&[1, 2, 3][..], 2), (&[1, 2, 3, 4], 3), (&[1, 2, 3, 4, 5, 6], 5)]
        {
            assert_eq!(of(3, levels.iter().copied()).level(0.5).get(), middle);
        }
    }
}
