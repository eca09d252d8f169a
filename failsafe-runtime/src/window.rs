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
