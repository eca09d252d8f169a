//! What a circuit breaker has counted: over the last calls, or over a period.

use crate::window::{self, Sum as _};

pub(crate) use crate::window::Counts;

/// The outcomes of a period, in ten slices of it.
pub(crate) type TimeWindow = window::TimeWindow<Counts, 10>;

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
        self.counts = self.counts.plus(Counts::one(failed));
        self.next = (self.next + 1) % self.capacity;
    }

    /// The last outcomes, as many as there is room for in an empty window of another capacity.
    #[must_use]
    pub(crate) fn resized(&self, mut resized: Self) -> Self {
        if resized.capacity == self.capacity {
            return self.clone();
        }
        let known = if self.is_full() { self.capacity } else { self.next };
        for age in (1..=known.min(resized.capacity)).rev() {
            let place = (self.next + self.capacity - age) % self.capacity;
            resized.record(self.bits[place / 64] & 1 << (place % 64) != 0);
        }
        resized
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
