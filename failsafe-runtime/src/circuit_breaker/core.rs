//! The decisions of a circuit breaker: plain data; time and the judged outcome are arguments.

use super::window::{CountWindow, Counts, TimeWindow};
use crate::state::State;
use failsafe_config::{CircuitBreakerConfig, Failures, Rate, Successes};
use std::time::Duration;

/// A change of state, with what had been counted in the state that was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) from: State,
    pub(crate) to: State,
    pub(crate) counts: Counts,
}

#[derive(Debug)]
enum Phase {
    Closed(Window),
    /// It has a delay of its own, or that of the configuration.
    Open {
        since: u64,
        own: Option<u64>,
        counts: Counts,
    },
    /// So many trial calls are under way, of so many at a time.
    HalfOpen {
        trials: CountWindow,
        in_use: u32,
        capacity: u32,
    },
}

#[derive(Debug)]
enum Window {
    Count(CountWindow),
    Time(TimeWindow),
}

/// Generations are counted up to this, and then from the start again: a call would have to outlast
/// sixteen million changes of state to be taken for a later one.
pub(super) const GENERATIONS: u32 = (1 << 24) - 1;

/// A circuit breaker without clock and lock. Times are nanoseconds of its own clock.
#[derive(Debug)]
pub(crate) struct Core {
    phase: Phase,
    /// Counts the states there have been: an outcome belongs to the state its call began in.
    generation: u32,
}

impl Core {
    pub(crate) fn new(config: &CircuitBreakerConfig) -> Self {
        Self { phase: closed(config), generation: 0 }
    }

    pub(crate) const fn state(&self) -> State {
        match self.phase {
            Phase::Closed(_) => State::Closed,
            Phase::Open { .. } => State::Open,
            Phase::HalfOpen { .. } => State::HalfOpen,
        }
    }

    pub(crate) const fn generation(&self) -> u32 {
        self.generation
    }

    /// Whether it is closed and another success would change nothing.
    pub(crate) fn is_settled(&self) -> bool {
        matches!(&self.phase, Phase::Closed(Window::Count(window)) if window.is_settled())
    }

    pub(crate) fn counts(&self, now: u64) -> Counts {
        match &self.phase {
            Phase::Closed(Window::Count(window)) => window.counts(),
            Phase::Closed(Window::Time(window)) => window.sum(now),
            Phase::Open { counts, .. } => *counts,
            Phase::HalfOpen { trials, .. } => trials.counts(),
        }
    }

    /// How long until an open breaker lets a call through.
    pub(crate) fn remaining(&self, config: &CircuitBreakerConfig, now: u64) -> Duration {
        match self.phase {
            Phase::Open { since, own, .. } => {
                let delay = own.unwrap_or_else(|| nanos(config.get_delay()));
                Duration::from_nanos(delay.saturating_sub(now.saturating_sub(since)))
            }
            _ => Duration::ZERO,
        }
    }

    /// Goes by another configuration from now on. The state stays; what was counted stays as far as
    /// there is room, and decides with the next outcome. It begins anew if a number of calls becomes a
    /// period, or the other way round.
    pub(crate) fn reconfigure(&mut self, config: &CircuitBreakerConfig) {
        match (&mut self.phase, window(config)) {
            (Phase::Closed(Window::Count(window)), Window::Count(fresh)) => {
                *window = window.resized(fresh);
            }
            (Phase::Closed(Window::Time(window)), Window::Time(fresh)) => {
                *window = window.resized(fresh);
            }
            (Phase::Closed(window), fresh) => *window = fresh,
            (Phase::Open { .. }, _) => {}
            (Phase::HalfOpen { trials, capacity, .. }, _) => {
                *capacity = trial_capacity(config);
                *trials = trials.resized(CountWindow::new(*capacity));
            }
        }
    }

    /// Asks for a permit; an open breaker whose delay has passed becomes half-open by it.
    pub(crate) fn acquire(
        &mut self,
        config: &CircuitBreakerConfig,
        now: u64,
    ) -> (bool, Option<Change>) {
        let mut change = None;
        if self.state() == State::Open {
            if !self.remaining(config, now).is_zero() {
                return (false, None);
            }
            change = self.enter(half_open(config), now);
        }
        let Phase::HalfOpen { in_use, capacity, .. } = &mut self.phase else {
            return (true, change);
        };
        let granted = *in_use < *capacity;
        *in_use += u32::from(granted);
        (granted, change)
    }

    /// Gives back a permit whose call came to no outcome.
    pub(crate) fn give_back(&mut self, generation: u32) {
        if let Phase::HalfOpen { in_use, .. } = &mut self.phase {
            if generation == self.generation {
                *in_use = in_use.saturating_sub(1);
            }
        }
    }

    /// Records an outcome in the current state, whoever it came from.
    pub(crate) fn record(
        &mut self,
        config: &CircuitBreakerConfig,
        now: u64,
        failed: bool,
    ) -> Option<Change> {
        match &mut self.phase {
            Phase::Open { .. } => None,
            Phase::Closed(window) => {
                let counts = match window {
                    Window::Count(window) => {
                        window.record(failed);
                        window.counts()
                    }
                    Window::Time(window) => {
                        window.add(now, Counts::one(failed));
                        window.sum(now)
                    }
                };
                if opens(config, counts) { self.open(now, None) } else { None }
            }
            Phase::HalfOpen { trials, in_use, .. } => {
                trials.record(failed);
                *in_use = in_use.saturating_sub(1);
                match verdict(config, trials.counts()) {
                    Some(State::Closed) => self.enter(closed(config), now),
                    Some(_) => self.open(now, None),
                    None => None,
                }
            }
        }
    }

    /// Records the outcome of a call that was let through in that state; that of an earlier state
    /// is not counted.
    pub(crate) fn settle(
        &mut self,
        config: &CircuitBreakerConfig,
        (generation, now): (u32, u64),
        failed: bool,
    ) -> Option<Change> {
        if generation == self.generation { self.record(config, now, failed) } else { None }
    }

    /// Sets how long it stays open, if it is still as it was opened in that generation.
    pub(crate) fn stay_open(&mut self, generation: u32, computed: Duration) {
        if let Phase::Open { own, .. } = &mut self.phase {
            if generation == self.generation {
                *own = Some(nanos(computed));
            }
        }
    }

    /// Opens it, if it is not open: for the delay that is configured, or one of its own.
    pub(crate) fn open(&mut self, now: u64, own: Option<Duration>) -> Option<Change> {
        let counts = self.counts(now);
        self.enter(Phase::Open { since: now, own: own.map(nanos), counts }, now)
    }

    /// Opens it without end, also if it is open for a while.
    pub(crate) fn force_open(&mut self, _: &CircuitBreakerConfig, now: u64) -> Option<Change> {
        if let Phase::Open { own, .. } = &mut self.phase {
            *own = Some(u64::MAX);
            return None;
        }
        self.open(now, Some(Duration::MAX))
    }

    /// Half-opens it, if it is not half-open.
    pub(crate) fn half_open(&mut self, config: &CircuitBreakerConfig, now: u64) -> Option<Change> {
        self.enter(half_open(config), now)
    }

    /// Closes it, if it is not closed.
    pub(crate) fn close(&mut self, config: &CircuitBreakerConfig, now: u64) -> Option<Change> {
        self.enter(closed(config), now)
    }

    /// Closes it and forgets what was counted.
    pub(crate) fn reset(&mut self, config: &CircuitBreakerConfig, now: u64) -> Option<Change> {
        let change = self.close(config, now);
        if change.is_none() {
            self.phase = closed(config);
            self.generation = (self.generation + 1) & GENERATIONS;
        }
        change
    }

    fn enter(&mut self, phase: Phase, now: u64) -> Option<Change> {
        let (from, counts) = (self.state(), self.counts(now));
        let before = std::mem::replace(&mut self.phase, phase);
        let to = self.state();
        if from == to {
            self.phase = before;
            return None;
        }
        self.generation = (self.generation + 1) & GENERATIONS;
        Some(Change { from, to, counts })
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn closed(config: &CircuitBreakerConfig) -> Phase {
    Phase::Closed(window(config))
}

fn window(config: &CircuitBreakerConfig) -> Window {
    match config.get_failures() {
        Failures::Count { of, .. } | Failures::Rate { of, period: None, .. } => {
            Window::Count(CountWindow::new(of))
        }
        Failures::Period { period, .. } | Failures::Rate { period: Some(period), .. } => {
            Window::Time(TimeWindow::new(nanos(period)))
        }
    }
}

fn half_open(config: &CircuitBreakerConfig) -> Phase {
    let capacity = trial_capacity(config);
    Phase::HalfOpen { trials: CountWindow::new(capacity), in_use: 0, capacity }
}

/// How many trial calls there may be at a time.
fn trial_capacity(config: &CircuitBreakerConfig) -> u32 {
    match (config.get_successes(), config.get_failures()) {
        (Some(Successes { of, .. }), _)
        | (None, Failures::Count { of, .. } | Failures::Rate { of, .. }) => of.max(1),
        (None, Failures::Period { failures, .. }) => failures,
    }
}

/// The count rule that a threshold stands for outside a rate: so many failures of so many.
fn count_rule(failures: Failures) -> (u64, u64) {
    match failures {
        Failures::Count { failures, of } => (failures.into(), of.into()),
        Failures::Period { failures, .. } => (failures.into(), failures.into()),
        // A rate of 0% is any failure at all, as in failsafe-go.
        Failures::Rate { .. } => (1, 1),
    }
}

fn positive_rate(failures: Failures) -> Option<(Rate, u64)> {
    match failures {
        Failures::Rate { rate, of, .. } if rate.billionths() > 0 => Some((rate, of.into())),
        _ => None,
    }
}

/// Whether a closed breaker opens.
fn opens(config: &CircuitBreakerConfig, counts: Counts) -> bool {
    let threshold = config.get_failures();
    if let Some((rate, least)) = positive_rate(threshold) {
        return counts.executions() >= least
            && rate.is_reached_by(counts.failures, counts.executions());
    }
    let least = match threshold {
        Failures::Rate { of, .. } => of.into(),
        _ => 0,
    };
    counts.executions() >= least && counts.failures >= count_rule(threshold).0
}

/// What a half-open breaker becomes; success is tested first.
fn verdict(config: &CircuitBreakerConfig, counts: Counts) -> Option<State> {
    let threshold = config.get_failures();
    let (closes, opens) = if let Some(Successes { successes, of }) = config.get_successes() {
        let (needed, of) = (u64::from(successes), u64::from(of));
        (counts.successes >= needed, counts.failures > of - needed)
    } else if let Some((rate, least)) = positive_rate(threshold) {
        let enough = counts.executions() >= least;
        let executions = counts.executions();
        (
            enough && rate.rest().is_exceeded_by(counts.successes, executions),
            enough && rate.is_reached_by(counts.failures, executions),
        )
    } else {
        let (failures, of) = count_rule(threshold);
        (counts.successes > of - failures, counts.failures >= failures)
    };
    match (closes, opens) {
        (true, _) => Some(State::Closed),
        (false, true) => Some(State::Open),
        (false, false) => None,
    }
}
