//! The decisions of a retry: plain data; time, chance and the judged outcome are arguments.

use crate::attempt::Retrying;
use failsafe_config::{Delay, Jitter, RetryConfig};
use std::time::Duration;

/// What follows from a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Another attempt.
    Again,
    /// An abort condition ends it.
    Abort,
    /// There is none left.
    Exceeded,
}

impl Retrying {
    /// Judges a failed attempt that ended so long after the start of the call, which matters only
    /// to a maximum duration.
    pub(super) fn failed(
        &mut self,
        config: &RetryConfig,
        aborts: bool,
        elapsed: Duration,
    ) -> Verdict {
        self.failed = self.failed.saturating_add(1);
        let too_many = config.get_max().is_some_and(|max| self.failed > max);
        if aborts {
            Verdict::Abort
        } else if too_many || config.get_max_duration().is_some_and(|max| elapsed >= max) {
            Verdict::Exceeded
        } else {
            Verdict::Again
        }
    }

    /// How long to wait now. A computed delay does not move the backoff on.
    pub(super) fn delay(
        &mut self,
        config: &RetryConfig,
        computed: Option<Duration>,
        mut chance: impl FnMut() -> f64,
        elapsed: Duration,
    ) -> Duration {
        let delay = computed.unwrap_or_else(|| self.configured(config, &mut chance));
        let delay = if delay.is_zero() { delay } else { jittered(delay, config, chance) };
        match config.get_max_duration() {
            None => delay,
            Some(max) => delay.min(max.saturating_sub(elapsed)),
        }
    }

    fn configured(&mut self, config: &RetryConfig, chance: impl FnOnce() -> f64) -> Duration {
        match config.get_delay() {
            Delay::None => Duration::ZERO,
            Delay::Fixed(delay) => delay,
            Delay::Backoff { first, max } => {
                let next = match self.last_delay {
                    0 => first,
                    last => scaled(Duration::from_nanos(last), config.get_factor()).min(max),
                };
                self.last_delay = nanos(next);
                next
            }
            Delay::Random { min, max } if min.is_zero() || max.is_zero() => Duration::ZERO,
            Delay::Random { min, max } => {
                let (low, high) = (float(min), float(max));
                whole(chance() * (high - low) + low)
            }
        }
    }
}

fn jittered(delay: Duration, config: &RetryConfig, mut chance: impl FnMut() -> f64) -> Duration {
    match config.get_jitter() {
        Jitter::None => delay,
        Jitter::Time(jitter) => {
            let shift = (1.0 - 2.0 * chance()) * float(jitter);
            let (size, longer) = (whole(shift.abs()), shift >= 0.0);
            if longer { delay.saturating_add(size) } else { delay.saturating_sub(size) }
        }
        Jitter::Factor(factor) => scaled(delay, 1.0 + (1.0 - 2.0 * chance()) * factor),
    }
}

fn scaled(delay: Duration, factor: f64) -> Duration {
    whole(float(delay) * factor)
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "random and scaled delays are not exact anyway")]
fn float(duration: Duration) -> f64 {
    nanos(duration) as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, which is what a delay should do"
)]
fn whole(nanos: f64) -> Duration {
    Duration::from_nanos(nanos as u64)
}
