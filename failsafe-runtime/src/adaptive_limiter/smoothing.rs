//! What smooths a series of numbers: a moving median, and an exponential moving average.

use std::collections::VecDeque;

/// The median of the last so many values; until there are as many, each value itself.
#[derive(Debug, Default)]
pub(super) struct Median {
    values: VecDeque<f64>,
}

impl Median {
    const SIZE: usize = 5;

    pub(super) fn add(&mut self, value: f64) -> f64 {
        if self.values.len() == Self::SIZE {
            self.values.pop_front();
        }
        self.values.push_back(value);
        if self.values.len() < Self::SIZE {
            return value;
        }
        let mut sorted: Vec<f64> = self.values.iter().copied().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted[Self::SIZE / 2]
    }
}

/// An exponential moving average of an age in values; the first so many are averaged plainly, so
/// that the very first does not weigh most.
#[derive(Debug, Default)]
pub(super) struct Average {
    value: f64,
    sum: f64,
    count: u32,
}

impl Average {
    /// How many values are averaged plainly.
    const PLAIN: u32 = 10;

    pub(super) fn add(&mut self, value: f64, age: u32) -> f64 {
        self.count = self.count.saturating_add(1);
        self.value = if self.is_plain() {
            self.sum += value;
            self.sum / f64::from(self.count)
        } else {
            let weight = 2.0 / (f64::from(age) + 1.0);
            self.value * (1.0 - weight) + value * weight
        };
        self.value
    }

    /// Whether it is still among the first values.
    pub(super) const fn is_plain(&self) -> bool {
        self.count <= Self::PLAIN
    }
}
