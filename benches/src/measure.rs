//! Measures all cases in one run, interleaved, so that a slow moment of the machine hits every contender.

use std::time::{Duration, Instant};

use crate::alloc::Allocated;
use crate::case::Case;

/// How much to measure.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How often every case gets its turn.
    pub rounds: usize,
    /// How long a turn is, about.
    pub turn: Duration,
}

/// What one call of a case costs.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Nanoseconds per call in the best round: what the code costs when nothing else disturbs it.
    pub best_ns: f64,
    /// Nanoseconds per call in the median round.
    pub median_ns: f64,
    /// Heap allocations per call, once warm.
    pub allocations: f64,
    /// Heap bytes asked for per call, once warm.
    pub heap_bytes: f64,
}

/// Measures every case; the results are in the order of `cases`.
pub fn measure(cases: &mut [Case], plan: Plan) -> Vec<Measured> {
    let turns: Vec<u64> = cases.iter_mut().map(|case| calls_per_turn(case, plan.turn)).collect();
    let mut samples = vec![Vec::with_capacity(plan.rounds); cases.len()];
    for round in 0..plan.rounds {
        for position in 0..cases.len() {
            let at = place(round, position, cases.len());
            samples[at].push(nanoseconds(cases[at].timed(turns[at])) / as_f64(turns[at]));
        }
    }
    cases.iter_mut().zip(samples).map(|(case, samples)| summary(case, samples)).collect()
}

impl Case {
    /// How long `calls` calls take.
    #[expect(clippy::disallowed_methods, reason = "a measurement wants the machine's own clock")]
    pub fn timed(&mut self, calls: u64) -> Duration {
        let start = Instant::now();
        self.run(calls);
        start.elapsed()
    }
}

/// Doubles the calls until they fill a turn; this warms the case up as well.
fn calls_per_turn(case: &mut Case, turn: Duration) -> u64 {
    let mut calls = 64;
    while case.timed(calls) < turn {
        calls *= 2;
    }
    calls
}

/// Which case comes at `position` of `round`: each round starts elsewhere, and every other one runs backwards, so
/// that nobody always follows the same neighbour.
fn place(round: usize, position: usize, cases: usize) -> usize {
    let position = if round.is_multiple_of(2) { position } else { cases - 1 - position };
    (position + round * 7) % cases
}

fn summary(case: &mut Case, mut samples: Vec<f64>) -> Measured {
    const CALLS: u64 = 1000;
    let before = Allocated::now();
    case.run(CALLS);
    let allocated = Allocated::now().since(before);

    samples.sort_by(f64::total_cmp);
    Measured {
        best_ns: samples[0],
        median_ns: samples[samples.len() / 2],
        allocations: as_f64(allocated.count) / as_f64(CALLS),
        heap_bytes: as_f64(allocated.bytes) / as_f64(CALLS),
    }
}

fn nanoseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e9
}

#[expect(clippy::cast_precision_loss, reason = "call and byte counts are far below 2^52")]
fn as_f64(count: u64) -> f64 {
    count as f64
}
