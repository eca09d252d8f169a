//! The decisions of an adaptive throttler: plain data; time, chance and the judged outcome are
//! arguments.

use crate::window::{Counts, TimeWindow};
use failsafe_config::AdaptiveThrottlerConfig;

/// The outcomes of the period, in twenty slices of it.
#[derive(Debug)]
pub(super) struct Core(TimeWindow<Counts, 20>);

impl Core {
    pub(super) fn new(config: &AdaptiveThrottlerConfig) -> Self {
        let period = config.get_failure_rate().period.as_nanos();
        Self(TimeWindow::new(u64::try_from(period).unwrap_or(u64::MAX)))
    }

    /// Goes by another configuration from now on; what was counted stays, as far as it is in the
    /// period.
    pub(super) fn reconfigure(&mut self, config: &AdaptiveThrottlerConfig) {
        self.0 = self.0.resized(Self::new(config).0);
    }

    pub(super) fn record(&mut self, now: u64, failed: bool) {
        self.0.add(now, Counts::one(failed));
    }

    /// What was counted in the period that ends now.
    pub(super) fn counts(&self, now: u64) -> Counts {
        self.0.sum(now)
    }
}

/// Which share of the calls is to be refused: as many as there would have been too many for the
/// successes there were (Site Reliability Engineering, chapter "Handling Overload", client-side
/// throttling: `max(0, (requests - K * accepts) / (requests + 1))`). Without failures it is 0.
#[expect(clippy::cast_precision_loss, reason = "a share")]
pub(super) fn rejection_rate(config: &AdaptiveThrottlerConfig, counts: Counts) -> f64 {
    let failure_rate = config.get_failure_rate();
    let executions = counts.executions();
    if executions < u64::from(failure_rate.of) {
        return 0.0;
    }
    let success_rate = 1.0 - failure_rate.rate.share();
    let supported = counts.successes as f64 / success_rate;
    let excess = (executions as f64 - supported).max(0.0);
    (excess / (executions as f64 + 1.0)).min(config.get_max_rejection().share())
}

/// Whether a call goes through when such a share is to be refused. Chance is asked where it decides.
pub(super) fn admits(rejection_rate: f64, chance: impl FnOnce() -> f64) -> bool {
    rejection_rate <= 0.0 || (rejection_rate < 1.0 && rejection_rate < chance())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(executions: u64, successes: u64, max: f64) -> f64 {
        let config = AdaptiveThrottlerConfig::new().max_rejection(max);
        rejection_rate(&config, Counts { successes, failures: executions - successes })
    }

    #[test]
    fn the_rate_is_the_excess_over_what_the_successes_support() {
        for (executions, successes, max, expected) in [
            (0, 0, 0.9, 0.0),
            (1, 0, 0.9, 0.5),
            (100, 95, 0.9, 0.0),
            (120, 90, 0.9, 20.0 / 121.0),
            (1000, 10, 0.8, 0.8),
            (100, 0, 0.9, 0.9),
        ] {
            let found = rate(executions, successes, max);
            assert!((found - expected).abs() < 1e-9, "{executions}/{successes}: {found}");
        }
        assert!((0.7..0.8).contains(&rate(200, 50, 0.9)));
        let rates = [90, 70, 50].map(|successes| rate(100, successes, 0.9));
        assert!(rates.is_sorted_by(|less, more| less < more), "{rates:?}");
        assert!(rate(1_000_000, 0, 1.0) < 1.0, "some call always finds out");
    }
}
