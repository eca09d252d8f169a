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
        let mut sorted = [0.0; Self::SIZE];
        sorted.iter_mut().zip(&self.values).for_each(|(place, value)| *place = *value);
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

#[cfg(test)]
mod tests {
    use super::{Average, Median};

    // failsafe-go's moving median of 5: the first four are themselves.
    #[test]
    fn a_median_of_five() {
        let mut median = Median::default();
        let medians = [5.0, 2.0, 8.0, 1.0, 9.0, 9.0, 9.0].map(|value| median.add(value));
        assert_eq!(Some(medians), Some([5.0, 2.0, 8.0, 1.0, 5.0, 8.0, 9.0]));
    }

    // failsafe-go: 100, 300, 200, 200, 250 ms: the median and the average of the medians are 200 ms.
    #[test]
    fn latencies_are_smoothed_twice() {
        let (mut median, mut average) = (Median::default(), Average::default());
        let smooth = [100.0, 300.0, 200.0, 200.0, 250.0].map(|latency| {
            let median = median.add(latency);
            (median, average.add(median, 5))
        });
        assert_eq!(Some(smooth[4]), Some((200.0, 200.0)));
    }

    // Ten are averaged plainly; from then on a new one weighs 2 / (age + 1).
    #[test]
    fn an_average_begins_plainly() {
        let mut average = Average::default();
        let plain: Vec<_> = (1..=10).map(|value| average.add(f64::from(value) * 10.0, 3)).collect();
        assert_eq!((plain[1], plain[2], plain[9]), (15.0, 20.0, 55.0));
        assert!(average.is_plain());
        assert_eq!((average.add(105.0, 3), average.is_plain()), (80.0, false));
        assert_eq!(Some(average.add(0.0, 9)), Some(64.0));
    }
}
