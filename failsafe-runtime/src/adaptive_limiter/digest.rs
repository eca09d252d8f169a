//! Quantiles of many numbers in little room: the merging t-digest.
//!
//! Dunning and Ertl, *Computing extremely accurate quantiles using t-digests* (2019): numbers that
//! lie close together are kept as one with a weight, finely at the ends and coarsely in the middle,
//! and what lies between two is interpolated. Up to a few dozen numbers nothing is merged.

use std::f64::consts::PI;

/// How many numbers are kept, within a factor of two.
const COMPRESSION: f64 = 100.0;
/// How many numbers are collected before they are merged.
const COLLECTED: usize = 800;

/// Numbers that lie close together: their mean, and how many they are.
#[derive(Debug, Clone, Copy)]
struct Centroid {
    mean: f64,
    weight: f64,
}

/// A t-digest.
#[derive(Debug)]
pub(super) struct Digest {
    merged: Vec<Centroid>,
    /// Room for the next merge: a window that ends allocates nothing.
    spare: Vec<Centroid>,
    collected: Vec<f64>,
    weight: f64,
    least: f64,
    greatest: f64,
}

impl Digest {
    pub(super) const fn new() -> Self {
        Self {
            merged: Vec::new(),
            spare: Vec::new(),
            collected: Vec::new(),
            weight: 0.0,
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
        }
    }

    /// Forgets all numbers; what room there was is kept.
    pub(super) fn clear(&mut self) {
        self.merged.clear();
        self.collected.clear();
        self.weight = 0.0;
        self.least = f64::INFINITY;
        self.greatest = f64::NEG_INFINITY;
    }

    pub(super) fn add(&mut self, number: f64) {
        self.least = self.least.min(number);
        self.greatest = self.greatest.max(number);
        self.collected.push(number);
        if self.collected.len() > COLLECTED {
            self.merge();
        }
    }

    fn merge(&mut self) {
        if self.collected.is_empty() {
            return;
        }
        std::mem::swap(&mut self.merged, &mut self.spare);
        self.merged.clear();
        self.weight += self.collected.iter().map(|_| 1.0).sum::<f64>();
        self.collected.sort_unstable_by(f64::total_cmp);
        let mut all = in_order(&self.collected, &self.spare);
        let Some(mut last) = all.next() else { return };
        let mut so_far = last.weight;
        let mut end = self.weight * quantile_at(1.0);
        for next in all {
            so_far += next.weight;
            if so_far <= end {
                last.weight += next.weight;
                last.mean += next.weight * (next.mean - last.mean) / last.weight;
            } else {
                let place = place_of((so_far - next.weight) / self.weight);
                end = self.weight * quantile_at(place + 1.0);
                self.merged.push(std::mem::replace(&mut last, next));
            }
        }
        self.merged.push(last);
        self.collected.clear();
    }

    /// The number that so large a part of all numbers stays within; none of no numbers.
    pub(super) fn quantile(&mut self, part: f64) -> Option<f64> {
        self.merge();
        let (first, last) = (*self.merged.first()?, *self.merged.last()?);
        if self.merged.len() == 1 {
            return Some(first.mean);
        }
        let place = part * self.weight;
        let half = first.weight / 2.0;
        if place <= half {
            return Some(self.least + place / half * (first.mean - self.least));
        }
        // The place of a centroid is the middle of its weight.
        let mut before = half;
        for pair in self.merged.windows(2) {
            let middle = before + f64::midpoint(pair[0].weight, pair[1].weight);
            if middle >= place {
                return Some(between(pair[0].mean, middle - place, pair[1].mean, place - before));
            }
            before = middle;
        }
        let (beyond, left) = (place - before, self.weight - place);
        Some(between(last.mean, left.max(0.0), self.greatest, beyond))
    }
}

/// Numbers and what earlier ones were merged to, both sorted, as one.
fn in_order(numbers: &[f64], merged: &[Centroid]) -> impl Iterator<Item = Centroid> {
    let mut numbers = numbers.iter().map(|&mean| Centroid { mean, weight: 1.0 }).peekable();
    let mut merged = merged.iter().copied().peekable();
    std::iter::from_fn(move || match (numbers.peek(), merged.peek()) {
        (Some(number), Some(centroid)) if number.mean > centroid.mean => merged.next(),
        (Some(_), _) => numbers.next(),
        (None, _) => merged.next(),
    })
}

/// The mean of two numbers with weights, and never outside of them.
fn between(low: f64, low_weight: f64, high: f64, high_weight: f64) -> f64 {
    let mean = (low * low_weight + high * high_weight) / (low_weight + high_weight);
    mean.min(high).max(low)
}

/// The scale function: the quantile at which so many centroids end.
fn quantile_at(place: f64) -> f64 {
    f64::midpoint((place.min(COMPRESSION) * PI / COMPRESSION - PI / 2.0).sin(), 1.0)
}

/// Its inverse.
fn place_of(quantile: f64) -> f64 {
    COMPRESSION * ((2.0 * quantile - 1.0).clamp(-1.0, 1.0).asin() + PI / 2.0) / PI
}

#[cfg(test)]
mod tests {
    use super::Digest;

    fn of(numbers: impl IntoIterator<Item = f64>) -> Digest {
        let mut digest = Digest::new();
        numbers.into_iter().for_each(|number| digest.add(number));
        digest
    }

    #[test]
    fn few_numbers_are_interpolated() {
        let mut digest = of((1..=50).map(f64::from));
        assert_eq!(digest.quantile(0.9), Some(45.5));
        assert_eq!(of([7.0; 3]).quantile(0.5), Some(7.0));
        assert_eq!(Digest::new().quantile(0.5), None);
        digest.clear();
        assert_eq!(digest.quantile(0.5), None);
    }

    #[test]
    fn many_numbers_take_little_room_and_are_nearly_exact() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut digest = of((0..200_000).map(|_| random.f64()));
        for part in [0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999] {
            let quantile = digest.quantile(part).unwrap_or(f64::NAN);
            assert!((quantile - part).abs() < 0.005 * (part * (1.0 - part)).sqrt().max(0.2));
        }
        assert!(digest.merged.len() <= 200 && digest.collected.is_empty());
    }
}
