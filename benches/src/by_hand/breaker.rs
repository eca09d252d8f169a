//! A breaker as one would write it in an afternoon: a state behind a `Mutex`, and a permit that releases on drop.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Opens after so many failures in a row; after its delay it lets one trial through.
#[derive(Debug)]
pub(super) struct Breaker {
    failures: u32,
    open_for: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Counts the changes of phase, so that a call that began in an earlier one is not counted in this one.
    era: u32,
}

#[derive(Debug)]
enum Phase {
    Closed { failures_in_a_row: u32 },
    Open { until: Instant },
    HalfOpen { trial_running: bool },
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.era = self.era.wrapping_add(1);
    }
}

impl Breaker {
    pub(super) const fn new(failures: u32, open_for: Duration) -> Self {
        let state = State { phase: Phase::Closed { failures_in_a_row: 0 }, era: 0 };
        Self { failures, open_for, state: Mutex::new(state) }
    }

    /// Asks to make a call; `None` refuses it.
    pub(super) fn acquire(&self) -> Option<Permit<'_>> {
        let mut state = self.lock();
        if let Phase::Open { until } = state.phase
            && Instant::now() >= until
        {
            state.enter(Phase::HalfOpen { trial_running: false });
        }
        match &mut state.phase {
            Phase::Closed { .. } => {}
            Phase::HalfOpen { trial_running } if !*trial_running => *trial_running = true,
            Phase::HalfOpen { .. } | Phase::Open { .. } => return None,
        }
        Some(Permit { breaker: self, era: state.era })
    }

    fn record(&self, era: u32, ok: bool) {
        let mut state = self.lock();
        if state.era != era {
            return;
        }
        match &mut state.phase {
            Phase::Closed { failures_in_a_row } if ok => *failures_in_a_row = 0,
            Phase::Closed { failures_in_a_row } if *failures_in_a_row + 1 < self.failures => {
                *failures_in_a_row += 1;
            }
            Phase::HalfOpen { .. } if ok => state.enter(Phase::Closed { failures_in_a_row: 0 }),
            Phase::Closed { .. } | Phase::HalfOpen { .. } => {
                state.enter(Phase::Open { until: Instant::now() + self.open_for });
            }
            Phase::Open { .. } => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code of a user runs under the lock, so a poisoned state is still a whole one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to make one call. Dropped without an outcome (a cancelled call), it gives its place back.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    breaker: &'a Breaker,
    era: u32,
}

impl Permit<'_> {
    pub(super) fn record(self, ok: bool) {
        self.breaker.record(self.era, ok);
        std::mem::forget(self);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.breaker.lock();
        if state.era == self.era
            && let Phase::HalfOpen { trial_running } = &mut state.phase
        {
            *trial_running = false;
        }
    }
}
