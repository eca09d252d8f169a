use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// What a window did to the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It rose.
    Increase,
    /// It fell.
    Decrease,
    /// It stayed.
    Hold,
}

/// Which rule decided.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// How many calls wait inside the service, by latency.
    Queue,
    /// The limiter is full, and throughput falls as concurrency rises.
    ThroughputFalls,
    /// The limiter is full, and latency rises with concurrency more than throughput does.
    LatencyRises,
    /// The limiter is full, and latency rises with concurrency while throughput is flat.
    ThroughputFlat,
    /// The calls in flight, or the greatest limit, bound it.
    Max,
    /// The least limit bounds it.
    Min,
    /// Less than half of the limit is in use.
    Idle,
}

impl Reason {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::ThroughputFalls => "throughput_falls",
            Self::LatencyRises => "latency_rises",
            Self::ThroughputFlat => "throughput_flat",
            Self::Max => "max",
            Self::Min => "min",
            Self::Idle => "idle",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One decision about the limit, and what it was made of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Update {
    pub(super) number: u64,
    pub(super) direction: Direction,
    pub(super) reason: Reason,
    pub(super) limit: f64,
    pub(super) in_flight: u32,
    pub(super) queue: f64,
    pub(super) baseline: f64,
    pub(super) recent: f64,
    pub(super) gradient: f64,
    pub(super) throughput: f64,
    pub(super) throughput_correlation: f64,
    pub(super) throughput_variation: f64,
    pub(super) latency_correlation: f64,
}

impl Update {
    /// Which one it is, counted from 1.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// What became of the limit.
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// Which rule decided.
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// The limit since then, with its fraction.
    pub const fn limit(&self) -> f64 {
        self.limit
    }

    /// The most calls in flight in the window.
    pub const fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// How many calls wait inside the service, by latency; below 0 where it is faster than before.
    pub const fn queue(&self) -> f64 {
        self.queue
    }

    /// The latency of the service when it is well.
    pub fn baseline(&self) -> Duration {
        span(self.baseline)
    }

    /// The smoothed recent latency.
    pub fn recent(&self) -> Duration {
        span(self.recent)
    }

    /// The baseline divided by the recent latency.
    pub const fn gradient(&self) -> f64 {
        self.gradient
    }

    /// Calls per second, by the calls in flight and their latency.
    pub const fn throughput(&self) -> f64 {
        self.throughput
    }

    /// How throughput goes with the calls in flight: from -1 to 1, and 0 where that is not known.
    pub const fn throughput_correlation(&self) -> f64 {
        self.throughput_correlation
    }

    /// How much throughput varies, as a part of its mean.
    pub const fn throughput_variation(&self) -> f64 {
        self.throughput_variation
    }

    /// How latency goes with the calls in flight: from -1 to 1, and 0 where that is not known.
    pub const fn latency_correlation(&self) -> f64 {
        self.latency_correlation
    }

    /// The baseline and the recent latency in nanoseconds, with their fractions.
    #[doc(hidden)]
    pub const fn nanos(&self) -> (f64, f64) {
        (self.baseline, self.recent)
    }
}

/// A time of a number of nanoseconds.
pub(super) fn span(nanos: f64) -> Duration {
    Duration::try_from_secs_f64(nanos / 1e9).unwrap_or(Duration::MAX)
}
