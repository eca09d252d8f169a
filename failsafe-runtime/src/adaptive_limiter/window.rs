//! The samples between two decisions.

use super::digest::Digest;
use super::nanos;
use failsafe_config::AdaptiveLimiterConfig;

/// A call that came to its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// How long it took.
    pub(super) nanos: u64,
    /// How many calls were in flight when it began, itself included.
    pub(super) in_flight: u32,
}

/// What a full window says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sampled {
    /// The quantile of the durations, in nanoseconds.
    pub(super) quantile: f64,
    /// The shortest.
    pub(super) shortest: u64,
    /// The most calls in flight.
    pub(super) in_flight: u32,
    /// How many samples.
    pub(super) samples: u64,
    /// Before when there is no further decision.
    pub(super) next: u64,
}

/// The samples between two decisions.
#[derive(Debug)]
pub(super) struct Window {
    digest: Digest,
    shortest: u64,
    in_flight: u32,
    samples: u64,
    /// No decision before.
    next: u64,
}

impl Window {
    /// No sample yet.
    pub(super) const fn new(now: u64) -> Self {
        Self { digest: Digest::new(), shortest: u64::MAX, in_flight: 0, samples: 0, next: now }
    }

    pub(super) fn add(&mut self, sample: Sample) {
        #[expect(clippy::cast_precision_loss, reason = "a quantile is as good rounded")]
        self.digest.add(sample.nanos as f64);
        self.shortest = self.shortest.min(sample.nanos);
        self.in_flight = self.in_flight.max(sample.in_flight);
        self.samples += 1;
    }

    /// What it says, if it is full; then it is empty again.
    pub(super) fn close(&mut self, config: &AdaptiveLimiterConfig, now: u64) -> Option<Sampled> {
        if now <= self.next || self.samples < config.get_samples().into() {
            return None;
        }
        let quantile = self.digest.quantile(config.get_quantile())?;
        let (least, most) = config.get_window();
        let (least, most) = (nanos(least), nanos(most));
        let lasts = self.shortest.saturating_mul(2).max(least).min(most);
        let Self { shortest, in_flight, samples, .. } = *self;
        let next = now.saturating_add(lasts);
        self.digest.clear();
        (self.shortest, self.in_flight, self.samples, self.next) = (u64::MAX, 0, 0, next);
        Some(Sampled { quantile, shortest, in_flight, samples, next })
    }
}
