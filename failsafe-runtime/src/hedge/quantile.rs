//! A moving quantile of durations, in constant space: that of failsafe-go.
//!
//! The estimate moves by a step towards each sample: up by `step / (1 - q)`, down by `step / q`, so
//! that it comes to rest where a share `q` of the samples is below it. The step is a hundredth of
//! the moving standard deviation, which weighs samples by their age as an exponential average does.

/// How large a step is, as a share of the standard deviation.
const STEP: f64 = 0.01;

/// The estimate, and what its steps are made of; all in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Quantile {
    samples: u64,
    estimate: f64,
    mean: f64,
    variance: f64,
}

impl Quantile {
    /// So many samples have been taken.
    pub(super) const fn samples(self) -> u64 {
        self.samples
    }

    /// The estimate; 0 before the first sample.
    pub(super) const fn estimate(self) -> f64 {
        self.estimate
    }

    /// Takes a sample into account, for the quantile `q`, over about `age` samples.
    pub(super) fn add(&mut self, sample: f64, q: f64, age: u32) {
        self.samples += 1;
        if self.samples == 1 {
            (self.estimate, self.mean) = (sample, sample);
            return;
        }
        let weight = 2.0 / (f64::from(age) + 1.0);
        let average = |old: f64, new: f64| old * (1.0 - weight) + new * weight;
        let before = self.mean;
        self.mean = average(before, sample);
        self.variance = average(self.variance, (sample - before) * (sample - self.mean));
        let step = self.variance.sqrt() * STEP;
        if sample < self.estimate {
            self.estimate -= step / q;
        } else if sample > self.estimate {
            self.estimate += step / (1.0 - q);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(samples: impl IntoIterator<Item = f64>, q: f64) -> Quantile {
        let mut quantile = Quantile::default();
        samples.into_iter().for_each(|sample| quantile.add(sample, q, 30));
        quantile
    }

    /// Samples that spread evenly over 0 to 1 without chance.
    fn spread(count: u32) -> impl Iterator<Item = f64> {
        (1..=count).map(|n| (f64::from(n) * 0.618_033_988_749_895).fract())
    }

    fn near(estimate: f64, expected: f64, by: f64) {
        assert!((estimate - expected).abs() <= by, "{estimate} is not near {expected}");
    }

    #[test]
    fn the_samples_of_failsafe_go() {
        let samples = [100.0, 200.0, 100.0, 50.0, 300.0, 300.0, 300.0];
        let expected = [100.0, 104.9134, 104.6627, 104.3803, 115.3887, 129.3831, 145.3639];
        for (count, expected) in (1..).zip(expected) {
            near(after(samples.into_iter().take(count), 0.95).estimate, expected, 0.0001);
        }
        let second = after([100.0, 200.0], 0.95);
        near(second.mean, 106.4516, 0.0001);
        near(second.variance, 603.538, 0.001);
    }

    #[test]
    fn it_converges() {
        let of = |q| after(spread(10_000).map(|share| share * 1000.0), q).estimate;
        near(of(0.5), 500.0, 50.0);
        near(of(0.95), 950.0, 100.0);
        near(of(0.99), 990.0, 250.0);
    }

    #[test]
    fn it_follows_a_shift_and_stays_where_nothing_changes() {
        assert_eq!(after([42.0; 1000], 0.95).estimate.to_bits(), 42_f64.to_bits());
        // The steps are shares of the deviation: what hardly varies is followed slowly.
        let noisy = |level: f64| spread(10_000).map(move |share| level + 40.0 * (share - 0.5));
        near(after(noisy(100.0).chain(noisy(500.0)), 0.5).estimate, 500.0, 5.0);
    }
}
