//! The latency of a service that is well, and what keeps it from following an overload.

use super::smoothing::Average;
use failsafe_config::Drift;

/// After so long above the healthy level, in periods of the drift, without a sign of overload, a
/// latency is taken for the service's own.
const ACCEPTED_AFTER: f64 = 1.0;
/// How many times faster the healthy level then follows.
const HASTE: f64 = 10.0;

/// An average over windows, bounded by a level that moves slowly.
///
/// An average alone learns an overload: after some windows the bad latency is the baseline, and the
/// limit no longer falls. TCP Vegas and Envoy avoid that by taking the least latency there ever was,
/// or by stopping the traffic to measure it; both fail a service that has become slower for good,
/// or cost throughput. Here the average is bounded by a healthy level, which moves by no more than a
/// drift, up and down, so that an hour of bad latencies is not learned, and an hour of good ones,
/// such as a quiet night, does not forget what is normal. While the limiter is full and latency
/// grows with concurrency as throughput does not, which is a queue and no slower service, the level
/// does not rise at all. Once latency has been high for the whole period without that sign, the
/// service has become slower, and the level follows ten times faster.
#[derive(Debug, Default)]
pub(super) struct Baseline {
    average: Average,
    healthy: f64,
    /// For how long the average has been above it without a sign of overload.
    elevated: f64,
    at: u64,
}

/// What a window says of the baseline.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) recent: f64,
    pub(super) now: u64,
    /// Whether it shows a queue that the calls themselves make.
    pub(super) overloaded: bool,
}

impl Baseline {
    /// The healthy level is where the average is when it is next looked at: it was not followed.
    pub(super) fn forget_health(&mut self) {
        (self.healthy, self.elevated) = (0.0, 0.0);
    }

    /// The baseline with this window. Time beyond `longest` without a window does not count: nobody
    /// knows what latency was then.
    pub(super) fn add(
        &mut self,
        window: Window,
        age: u32,
        drift: Option<Drift>,
        longest: u64,
    ) -> f64 {
        let average = self.average.add(window.recent, age);
        let passed = window.now.saturating_sub(self.at).min(longest);
        self.at = window.now;
        let Some(drift) = drift else { return average };
        if self.average.is_plain() || self.healthy <= 0.0 {
            self.healthy = average;
            return average;
        }
        #[expect(clippy::cast_precision_loss, reason = "a part of a period is as good rounded")]
        let periods = passed as f64 / drift.period().as_nanos() as f64;
        #[expect(clippy::cast_precision_loss, reason = "billionths of at most the whole")]
        let rate = drift.rate().billionths() as f64 / 1e9;
        let moved = |times: f64| (1.0 + rate).powf(periods * times);
        if average <= self.healthy {
            self.elevated = 0.0;
            self.healthy = average.max(self.healthy / moved(1.0));
        } else if window.overloaded {
            self.elevated = 0.0;
        } else {
            self.elevated += periods;
            let haste = if self.elevated > ACCEPTED_AFTER { HASTE } else { 1.0 };
            self.healthy = average.min(self.healthy * moved(haste));
        }
        average.min(self.healthy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use failsafe_config::AdaptiveLimiterConfig;

    const SECOND: u64 = 1_000_000_000;

    /// The baseline after a minute of calls that take 100, and half a day of calls that take 400.
    fn after_half_a_day(overloaded: bool) -> f64 {
        let drift = AdaptiveLimiterConfig::new().get_baseline_drift();
        assert!(drift.is_some(), "by default it is bounded");
        let mut baseline = Baseline::default();
        let mut learned = 0.0;
        for second in 0..12 * 3600 {
            let window = if second < 60 {
                Window { recent: 100.0, now: second * SECOND, overloaded: false }
            } else {
                Window { recent: 400.0, now: second * SECOND, overloaded }
            };
            learned = baseline.add(window, 10, drift, 30 * SECOND);
        }
        learned
    }

    // However long the limiter itself sees an overload, nothing of it is learned. What it sees as a slower service is.
    #[test]
    fn an_overload_that_is_seen_is_never_learned() {
        assert!((after_half_a_day(true) - 100.0).abs() < 1e-9, "{}", after_half_a_day(true));
        assert!((after_half_a_day(false) - 400.0).abs() < 1e-9, "{}", after_half_a_day(false));
    }
}
