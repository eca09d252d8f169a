use super::update::Update;
use serde::Serialize;
use std::time::Duration;

/// What an adaptive limiter knows at one time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Metrics {
    pub(super) limit: f64,
    pub(super) in_flight: u32,
    pub(super) max_in_flight: u32,
    pub(super) queued: u32,
    pub(super) rejection_rate: f64,
    pub(super) baseline: Option<Duration>,
    pub(super) update: Option<Update>,
}

impl Metrics {
    /// How many calls may be in flight.
    pub const fn limit(&self) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is between its bounds, which are such numbers"
        )]
        {
            self.limit as u32
        }
    }

    /// The same before its fraction is cut off: the limit moves in parts of a call too.
    pub const fn exact_limit(&self) -> f64 {
        self.limit
    }

    /// How many calls are in flight.
    pub const fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// The most calls that were in flight in the last full window.
    pub const fn max_in_flight(&self) -> u32 {
        self.max_in_flight
    }

    /// How many calls wait for a permit.
    pub const fn queued(&self) -> u32 {
        self.queued
    }

    /// How large a part of further calls is refused while all permits are in use, from 0 to 1; of a
    /// limiter without a `queue`, 0 if they may wait.
    pub const fn rejection_rate(&self) -> f64 {
        self.rejection_rate
    }

    /// The latency of the service when it is well; none before the first full window.
    pub const fn baseline(&self) -> Option<Duration> {
        self.baseline
    }

    /// The last decision about the limit.
    pub const fn update(&self) -> Option<&Update> {
        self.update.as_ref()
    }
}
