//! What a circuit breaker has counted: over the last calls, or over a period.

/// Successes and failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) successes: u64,
    pub(crate) failures: u64,
}

impl Counts {
    pub(crate) const fn executions(self) -> u64 {
        self.successes + self.failures
    }

    fn add(&mut self, failed: bool) {
        if failed {
            self.failures += 1;
        } else {
            self.successes += 1;
        }
    }
}

/// The last so many outcomes, one bit each (the ring of failsafe-go's counting statistics).
#[derive(Debug, Clone)]
pub(crate) struct CountWindow {
    /// Set bits are failures. There are as many as have been used, and some more.
    bits: Vec<u64>,
    capacity: usize,
    /// Where the next outcome goes.
    next: usize,
    counts: Counts,
}

impl CountWindow {
    pub(crate) fn new(capacity: u32) -> Self {
        /// How many outcomes there is room for from the start, in words.
        const ROOM: usize = 16;
        let capacity = (capacity.max(1)) as usize;
        let bits = vec![0; capacity.div_ceil(64).min(ROOM)];
        Self { bits, capacity, next: 0, counts: Counts::default() }
    }

    pub(crate) fn record(&mut self, failed: bool) {
        let (word, bit) = (self.next / 64, 1_u64 << (self.next % 64));
        if word == self.bits.len() {
            self.bits.push(0);
        }
        if self.is_full() {
            if self.bits[word] & bit == 0 {
                self.counts.successes -= 1;
            } else {
                self.counts.failures -= 1;
            }
        }
        if failed {
            self.bits[word] |= bit;
        } else {
            self.bits[word] &= !bit;
        }
        self.counts.add(failed);
        self.next = (self.next + 1) % self.capacity;
    }

    pub(crate) const fn counts(&self) -> Counts {
        self.counts
    }

    /// Whether recording one more success would change nothing.
    pub(crate) const fn is_settled(&self) -> bool {
        self.counts.failures == 0 && self.is_full()
    }

    const fn is_full(&self) -> bool {
        self.counts.executions() == self.capacity as u64
    }
}

/// In how many slices a period is cut.
const SLICES: u8 = 10;

/// The outcomes of a period, in ten slices of it; a slice leaves as a whole.
#[derive(Debug, Clone)]
pub(crate) struct TimeWindow {
    slice_nanos: u64,
    slices: [Slice; SLICES as usize],
    newest: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slice {
    /// Which slice of time this is, counted from the clock's start.
    index: u64,
    counts: Counts,
}

impl TimeWindow {
    pub(crate) fn new(period_nanos: u64) -> Self {
        let slices = [Slice::default(); SLICES as usize];
        Self { slice_nanos: (period_nanos / u64::from(SLICES)).max(1), slices, newest: 0 }
    }

    /// Records at this time. Where the clock went backwards the outcome counts as the newest.
    pub(crate) fn record(&mut self, now: u64, failed: bool) {
        self.newest = self.newest.max(now / self.slice_nanos);
        #[expect(clippy::cast_possible_truncation, reason = "the remainder is below ten")]
        let slice = &mut self.slices[(self.newest % u64::from(SLICES)) as usize];
        if slice.index != self.newest {
            *slice = Slice { index: self.newest, counts: Counts::default() };
        }
        slice.counts.add(failed);
    }

    /// What is in the period that ends now.
    pub(crate) fn counts(&self, now: u64) -> Counts {
        let newest = self.newest.max(now / self.slice_nanos);
        let alive = self.slices.iter().filter(|slice| slice.index + u64::from(SLICES) > newest);
        alive.fold(Counts::default(), |sum, slice| Counts {
            successes: sum.successes + slice.counts.successes,
            failures: sum.failures + slice.counts.failures,
        })
    }
}
