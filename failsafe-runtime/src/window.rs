//! What happened in a period that ends now, in slices of it (the timed statistics of failsafe-go).

/// Something that can be added up.
pub(crate) trait Sum: Copy + Default {
    /// Both together.
    fn plus(self, other: Self) -> Self;
}

impl Sum for u64 {
    fn plus(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

/// Successes and failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) successes: u64,
    pub(crate) failures: u64,
}

impl Counts {
    /// One outcome.
    pub(crate) const fn one(failed: bool) -> Self {
        Self { successes: !failed as u64, failures: failed as u64 }
    }

    pub(crate) const fn executions(self) -> u64 {
        self.successes + self.failures
    }
}

impl Sum for Counts {
    fn plus(self, other: Self) -> Self {
        Self {
            successes: self.successes + other.successes,
            failures: self.failures + other.failures,
        }
    }
}

/// What happened in a period, in so many slices of it; a slice leaves as a whole.
#[derive(Debug, Clone)]
pub(crate) struct TimeWindow<T, const SLICES: usize> {
    slice_nanos: u64,
    slices: [Slice<T>; SLICES],
    newest: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slice<T> {
    /// Which slice of time this is, counted from the clock's start.
    index: u64,
    sum: T,
}

impl<T: Sum, const SLICES: usize> TimeWindow<T, SLICES> {
    pub(crate) fn new(period_nanos: u64) -> Self {
        let slices = [Slice::default(); SLICES];
        Self { slice_nanos: (period_nanos / SLICES as u64).max(1), slices, newest: 0 }
    }

    /// What was counted, in an empty window of another period. What was counted in a slice counts as
    /// if it had been at its start, so nothing counts for longer than the period.
    #[must_use]
    pub(crate) fn resized(&self, mut resized: Self) -> Self {
        if resized.slice_nanos == self.slice_nanos {
            return self.clone();
        }
        let mut slices: Vec<_> =
            self.slices.iter().filter(|slice| slice.index + SLICES as u64 > self.newest).collect();
        slices.sort_unstable_by_key(|slice| slice.index);
        for slice in slices {
            resized.add(slice.index.saturating_mul(self.slice_nanos), slice.sum);
        }
        resized
    }

    /// Adds at this time. Where the clock went backwards it counts as the newest.
    pub(crate) fn add(&mut self, now: u64, more: T) {
        self.newest = self.newest.max(now / self.slice_nanos);
        #[expect(clippy::cast_possible_truncation, reason = "the remainder is an index")]
        let slice = &mut self.slices[(self.newest % SLICES as u64) as usize];
        if slice.index != self.newest {
            *slice = Slice { index: self.newest, sum: T::default() };
        }
        slice.sum = slice.sum.plus(more);
    }

    /// What is in the period that ends now.
    pub(crate) fn sum(&self, now: u64) -> T {
        let newest = self.newest.max(now / self.slice_nanos);
        let alive = self.slices.iter().filter(|slice| slice.index + SLICES as u64 > newest);
        alive.fold(T::default(), |sum, slice| sum.plus(slice.sum))
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, TimeWindow};

    /// Tenths of a second.
    const TENTH: u64 = 100_000_000;

    // failsafe-go's timed statistics: four slices of a second, from the time of 0.9 s on.
    #[test]
    fn outcomes_leave_slice_by_slice() {
        let mut window = TimeWindow::<Counts, 4>::new(40 * TENTH);
        for (tenths, successes, failures, expected) in [
            (9, 10, 40, (10, 40)),
            (10, 10, 0, (20, 40)),
            (25, 0, 20, (20, 60)),
            (31, 5, 20, (25, 80)),
            (54, 8, 0, (13, 40)),
            (73, 0, 5, (8, 5)),
            (225, 0, 0, (0, 0)),
            (231, 3, 0, (3, 0)),
        ] {
            window.add(tenths * TENTH, Counts { successes, failures });
            let sum = window.sum(tenths * TENTH);
            assert_eq!((sum.successes, sum.failures), expected, "at {tenths} tenths");
            assert_eq!(sum.executions(), expected.0 + expected.1);
        }
        assert_eq!(window.sum(1_000 * TENTH), Counts::default(), "without a further outcome");
    }

    // failsafe-go's usage window.
    #[test]
    fn usage_leaves_slice_by_slice() {
        let mut window = TimeWindow::<u64, 4>::new(40 * TENTH);
        for (tenths, usage, expected) in [
            (9, 1_000, 1_000),
            (10, 900, 1_900),
            (25, 2_100, 4_000),
            (31, 125, 4_125),
            (54, 500, 2_725),
            (73, 700, 1_200),
            (225, 0, 0),
            (231, 1_500, 1_500),
        ] {
            window.add(tenths * TENTH, usage);
            assert_eq!(window.sum(tenths * TENTH), expected, "at {tenths} tenths");
        }
    }

    // A clock that goes backwards loses nothing.
    #[test]
    fn the_past_counts_as_the_newest() {
        let mut window = TimeWindow::<u64, 4>::new(40 * TENTH);
        window.add(100 * TENTH, 1);
        window.add(5 * TENTH, 1);
        assert_eq!((window.sum(5 * TENTH), window.sum(100 * TENTH)), (2, 2));
    }
}
