//! Where the limit is, and where it goes next.

use super::baseline::{self, Baseline};
use super::correlation::{Correlation, Pairs};
use super::nanos;
use super::peak::Peak;
use super::smoothing::{Average, Median};
use super::update::{Direction, Reason, Update};
use super::window::{Sample, Sampled, Window};
use failsafe_config::AdaptiveLimiterConfig;
use std::cmp::Ordering;

/// Over how many windows the recent latency is averaged.
const RECENT: u32 = 5;

/// What has been seen, and the limit that was made of it.
#[derive(Debug)]
pub(super) struct Core {
    limit: f64,
    window: Window,
    median: Median,
    recent: Average,
    baseline: Baseline,
    throughputs: Pairs,
    latencies: Pairs,
    peak: Peak,
    /// The most calls in flight in the last window that was full.
    max_in_flight: u32,
    updates: u64,
    sampled: Option<Sampled>,
    last: Option<Update>,
}

/// A window as the limit is decided by it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// The smoothed recent latency in nanoseconds.
    pub(super) recent: f64,
    /// The most calls in flight.
    pub(super) in_flight: u32,
    /// Whether all permits are in use.
    pub(super) full: bool,
    pub(super) now: u64,
}

/// How throughput and latency go with the calls in flight.
#[derive(Debug, Clone, Copy)]
struct Load {
    throughput: f64,
    throughputs: Correlation,
    latencies: Correlation,
}

impl Load {
    /// The rule by which a full limiter has too many calls in flight, if one says so.
    fn overload(&self) -> Option<Reason> {
        let (throughput, latency) = (self.throughputs.coefficient, self.latencies.coefficient);
        if throughput < 0.0 {
            Some(Reason::ThroughputFalls)
        } else if throughput < 0.3 && latency > 0.5 {
            Some(Reason::LatencyRises)
        } else if self.throughputs.variation < 0.2 && latency > 0.5 {
            Some(Reason::ThroughputFlat)
        } else {
            None
        }
    }
}

impl Core {
    pub(super) fn new(config: &AdaptiveLimiterConfig, now: u64) -> Self {
        Self {
            limit: f64::from(config.get_initial()),
            window: Window::new(now),
            median: Median::default(),
            recent: Average::default(),
            baseline: Baseline::default(),
            throughputs: Pairs::default(),
            latencies: Pairs::default(),
            peak: Peak::default(),
            max_in_flight: 0,
            updates: 0,
            sampled: None,
            last: None,
        }
    }

    /// Back to the start; what was last seen of the calls in flight stays shown.
    pub(super) fn reset(&mut self, config: &AdaptiveLimiterConfig, now: u64) {
        let (max_in_flight, updates) = (self.max_in_flight, self.updates);
        *self = Self { max_in_flight, updates, ..Self::new(config, now) };
    }

    /// Goes by another configuration from now on: the limit stays where it is, or goes to the nearest
    /// of its new bounds. What was seen stays seen.
    pub(super) fn reconfigure(
        &mut self,
        old: &AdaptiveLimiterConfig,
        config: &AdaptiveLimiterConfig,
    ) {
        let (least, most) = config.get_limits();
        self.limit = self.limit.clamp(f64::from(least), f64::from(most));
        if old.get_baseline_drift().is_none() {
            self.baseline.forget_health();
        }
    }

    pub(super) const fn limit(&self) -> f64 {
        self.limit
    }

    /// The limit as a number of permits.
    pub(super) const fn permits(&self) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is between its bounds, which are such numbers"
        )]
        {
            self.limit as u32
        }
    }

    pub(super) const fn max_in_flight(&self) -> u32 {
        self.max_in_flight
    }

    pub(super) const fn sampled(&self) -> Option<Sampled> {
        self.sampled
    }

    pub(super) const fn last(&self) -> Option<Update> {
        self.last
    }

    /// How long the latest known calls took when the service was well.
    pub(super) const fn baseline(&self) -> Option<f64> {
        match self.last {
            Some(last) => Some(last.baseline),
            None => None,
        }
    }

    /// Adds what a call that came to its end says, if it says anything; the smoothed latency and the
    /// most calls in flight, if that made the window full.
    pub(super) fn sample(
        &mut self,
        config: &AdaptiveLimiterConfig,
        sample: Option<Sample>,
        now: u64,
    ) -> Option<(f64, u32)> {
        if let Some(sample) = sample {
            self.window.add(sample);
        }
        let sampled = self.window.close(config, now)?;
        self.sampled = Some(sampled);
        self.max_in_flight = sampled.in_flight;
        let recent = self.recent.add(self.median.add(sampled.quantile), RECENT);
        Some((recent, sampled.in_flight))
    }

    /// The most calls in flight that bound the limit.
    pub(super) fn peak(&mut self, config: &AdaptiveLimiterConfig, in_flight: u32, now: u64) -> u32 {
        let stretch = nanos(config.get_stabilization());
        if stretch == 0 { in_flight } else { self.peak.add(now, in_flight, stretch) }
    }

    /// Decides about the limit, which the calls in flight bound so.
    pub(super) fn update(
        &mut self,
        config: &AdaptiveLimiterConfig,
        seen: Seen,
        bound: f64,
    ) -> Update {
        let load = self.load(config, seen);
        let overload = load.overload().filter(|_| seen.full);
        let Seen { recent, now, .. } = seen;
        let window = baseline::Window { recent, now, overloaded: overload.is_some() };
        let (age, drift) = (config.get_baseline(), config.get_baseline_drift());
        let longest = nanos(config.get_window().1);
        let baseline = self.baseline.add(window, age, drift, longest);
        // With a clock that stands still latency is zero, and says nothing.
        let gradient = if recent > 0.0 { baseline / recent } else { 1.0 };
        let queue = (self.limit * (1.0 - gradient)).ceil();
        let old = self.limit;
        let (reason, limit) = decide(config, old, (queue, overload), seen, bound);
        let direction = match limit.total_cmp(&old) {
            Ordering::Greater => Direction::Increase,
            Ordering::Less => Direction::Decrease,
            Ordering::Equal => Direction::Hold,
        };
        self.limit = limit;
        self.updates += 1;
        let update = Update {
            number: self.updates,
            direction,
            reason,
            limit,
            in_flight: seen.in_flight,
            queue,
            baseline,
            recent,
            gradient,
            throughput: load.throughput,
            throughput_correlation: load.throughputs.coefficient,
            throughput_variation: load.throughputs.variation,
            latency_correlation: load.latencies.coefficient,
        };
        self.last = Some(update);
        update
    }

    fn load(&mut self, config: &AdaptiveLimiterConfig, seen: Seen) -> Load {
        let in_flight = f64::from(seen.in_flight);
        let throughput = if seen.recent > 0.0 { in_flight / (seen.recent / 1e9) } else { 0.0 };
        let most = config.get_correlation();
        let throughputs = self.throughputs.add(in_flight, throughput, most);
        let latencies = self.latencies.add(in_flight, seen.recent, most);
        Load { throughput, throughputs, latencies }
    }
}

/// The limit that follows, and the rule that made it so.
fn decide(
    config: &AdaptiveLimiterConfig,
    old: f64,
    (queue, overload): (f64, Option<Reason>),
    seen: Seen,
    bound: f64,
) -> (Reason, f64) {
    let step = step(old);
    let (few, many) = (3.0 * step, 6.0 * step);
    let (mut reason, mut limit) = match overload {
        _ if queue > many => (Reason::Queue, old - step),
        Some(overload) => (overload, old - step),
        None if queue < few => (Reason::Queue, old + step),
        None => (Reason::Queue, old),
    };
    if limit > bound {
        reason = Reason::Max;
        // It does not jump down.
        limit = if old > bound { old - step } else { bound };
    }
    let in_use = seen.full || f64::from(seen.in_flight) * 2.0 >= old;
    if limit < old && !in_use && !config.get_shrink_when_idle() {
        (reason, limit) = (Reason::Idle, old);
    }
    let (least, most) = config.get_limits();
    let within = limit.clamp(f64::from(least), f64::from(most));
    match limit.total_cmp(&within) {
        Ordering::Less if old <= within => (Reason::Min, within),
        Ordering::Greater if old >= within => (Reason::Max, within),
        _ => (reason, within),
    }
}

/// By how much the limit moves: a step for each power of ten it has, beginning at one.
fn step(limit: f64) -> f64 {
    if limit < 100.0 {
        1.0
    } else if limit < 1000.0 {
        2.0
    } else {
        limit.log10().trunc()
    }
}

/// The limit that so many calls in flight allow at the most.
pub(super) fn max_limit(config: &AdaptiveLimiterConfig, in_flight: u32) -> f64 {
    let (decay, calls) = (config.get_max_limit_factor_decay(), f64::from(in_flight));
    let factor = config.get_max_limit_factor();
    if decay > 0.0 && in_flight > 0 {
        calls * (factor - decay * calls.log10()).max(config.get_min_limit_factor())
    } else {
        calls * factor
    }
}
