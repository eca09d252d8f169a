//! How two series of numbers go together.

use std::collections::VecDeque;

/// What is known of the last pairs of two series.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Correlation {
    /// Pearson's coefficient, from -1 to 1; 0 where either series hardly varies.
    pub(super) coefficient: f64,
    /// The coefficient of variation of the second series.
    pub(super) variation: f64,
}

/// The last pairs of two series.
#[derive(Debug, Default)]
pub(super) struct Pairs(VecDeque<(f64, f64)>);

/// How many pairs it takes to say anything.
const FEWEST: usize = 10;
/// A series that varies less does not vary.
const LEAST_VARIATION: f64 = 0.01;

impl Pairs {
    /// Adds a pair, and forgets those beyond so many. A pair with an infinity, or with a number
    /// that is not above zero, is none.
    pub(super) fn add(&mut self, first: f64, second: f64, most: u32) -> Correlation {
        let counts = |number: f64| number > 0.0 && number.is_finite();
        if !counts(first) || !counts(second) {
            return Correlation::default();
        }
        self.0.push_back((first, second));
        while self.0.len() > most as usize {
            self.0.pop_front();
        }
        if self.0.len() < FEWEST { Correlation::default() } else { self.correlate() }
    }

    /// The sums are made anew each time, which a window of pairs once a second can afford, so that
    /// no error adds up.
    fn correlate(&self) -> Correlation {
        #[expect(clippy::cast_precision_loss, reason = "a few pairs")]
        let count = self.0.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| self.0.iter().map(of).sum::<f64>() / count;
        let (first, second) = (mean(|pair| pair.0), mean(|pair| pair.1));
        let deviation = |square: f64, mean: f64| (square - mean * mean).max(0.0).sqrt();
        let spread = (
            deviation(mean(|pair| pair.0 * pair.0), first),
            deviation(mean(|pair| pair.1 * pair.1), second),
        );
        let variation = spread.1 / second;
        if !variation.is_finite() {
            return Correlation::default();
        }
        if spread.0 / first < LEAST_VARIATION || variation < LEAST_VARIATION {
            return Correlation { coefficient: 0.0, variation };
        }
        let together = mean(|pair| pair.0 * pair.1) - first * second;
        let coefficient = (together / (spread.0 * spread.1)).clamp(-1.0, 1.0);
        if !coefficient.is_finite() {
            return Correlation::default();
        }
        Correlation { coefficient, variation }
    }
}

#[cfg(test)]
mod tests {
    use super::{Correlation, Pairs};

    fn of(pairs: impl IntoIterator<Item = (f64, f64)>, most: u32) -> Correlation {
        let mut all = Pairs::default();
        pairs
            .into_iter()
            .fold(Correlation::default(), |_, (first, second)| all.add(first, second, most))
    }

    fn is(correlation: Correlation, coefficient: f64) {
        let close = (correlation.coefficient - coefficient).abs() < 1e-9;
        assert!(close, "{correlation:?} instead of {coefficient}");
    }

    // failsafe-go's correlation window: 1 and -1 where one follows the other, 0 where either hardly varies.
    #[test]
    fn series_go_together_or_against_each_other() {
        let rising = || (1..=12).map(f64::from);
        is(of(rising().map(|x| (x, 10.0 * x)), 50), 1.0);
        is(of(rising().map(|x| (x, 1000.0 - 10.0 * x)), 50), -1.0);
        is(of(rising().map(|x| (100.0 + x / 100.0, 200.0 + x)), 50), 0.0);
        is(of(rising().map(|x| (x, 200.0 + x / 100.0)), 50), 0.0);
        is(of(rising().take(9).map(|x| (x, x)), 50), 0.0);
        let even = rising().map(|x| (x, if x % 2.0 == 0.0 { 1.0 } else { 2.0 }));
        assert!(of(even, 50).coefficient.abs() < 0.2);
    }

    // Of a window of ten, what came before is forgotten.
    #[test]
    fn the_window_slides() {
        let against = (1..=30).map(|x| (f64::from(x), 100.0 - f64::from(x)));
        let with = (1..=10).map(|x| (f64::from(x), 10.0 * f64::from(x)));
        is(of(against.chain(with), 10), 1.0);
    }

    // Zeros and infinities are no pairs, and nothing is ever not a number.
    #[test]
    fn what_is_no_number_is_ignored() {
        let mut pairs = Pairs::default();
        for number in [0.0, -1.0, f64::INFINITY, f64::NAN] {
            is(pairs.add(number, 1.0, 50), 0.0);
            is(pairs.add(1.0, number, 50), 0.0);
        }
        assert!(pairs.0.is_empty());
        let same = of([(7.0, 7.0); 20], 50);
        assert_eq!((same.coefficient, same.variation), (0.0, 0.0));
        let tiny = of((1..=20).map(|x| (f64::MIN_POSITIVE * f64::from(x), f64::MAX)), 50);
        assert!(tiny.coefficient.is_finite() && tiny.variation.is_finite());
    }
}
