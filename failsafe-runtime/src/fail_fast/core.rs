//! The decisions of a fail-fast: plain data; time and the judged outcome are arguments.

use crate::Moment;
use crate::attempt::LastFailure;
use std::sync::Arc;
use std::time::Duration;

/// What a call is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// It goes on; its outcome belongs to this generation.
    Enters(u64),
    /// It is to find out whether the others may go on; this is the number of its turn.
    Probes(u64),
    Refused,
}

/// One stay in the failed state.
#[derive(Debug, Clone)]
pub(super) struct Episode {
    pub(super) since: Moment,
    /// Failures in a row that led to it; 0 where code did.
    pub(super) failures: u32,
    /// How the last of them failed.
    pub(super) why: Option<Arc<LastFailure>>,
    /// Probes that came to an end.
    pub(super) probes: u64,
    /// When the last probe ended; before the first one, when the episode began.
    rested: Moment,
    /// The probe under way: its turn, and when it began.
    turn: Option<(u64, Moment)>,
}

impl Episode {
    const fn new(now: Moment, failures: u32) -> Self {
        Self { since: now, failures, why: None, probes: 0, rested: now, turn: None }
    }

    /// How long until a probe may begin. One that is under way has until then: a call that stopped
    /// running its probe without being dropped must not keep the others from theirs.
    pub(super) fn until_probe(&self, now: Moment, every: Duration) -> Duration {
        let from = self.turn.map_or(self.rested, |(_, began)| began);
        from.plus(every).since(now)
    }
}

/// A fail-fast without clock and lock.
#[derive(Debug)]
pub(super) struct Core {
    /// Counts the changes of state: an outcome belongs to the state its call began in.
    generation: u64,
    /// Failures in a row.
    failures: u32,
    /// Turns at probing there have been.
    turns: u64,
    episode: Option<Episode>,
}

impl Core {
    pub(super) const fn new() -> Self {
        Self { generation: 0, failures: 0, turns: 0, episode: None }
    }

    pub(super) const fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn failures(&self) -> u32 {
        self.episode.as_ref().map_or(self.failures, |episode| episode.failures)
    }

    /// What is known of the failed state it is in.
    pub(super) const fn episode(&self) -> Option<&Episode> {
        self.episode.as_ref()
    }

    /// Whether a success would change something.
    pub(super) const fn is_counting(&self) -> bool {
        self.failures > 0
    }

    /// Lets a call go on, has it probe if that is due, or refuses it. Without a time between probes
    /// there are none.
    pub(super) fn admit(&mut self, now: Moment, every: Option<Duration>) -> Admission {
        let Some(episode) = &self.episode else { return Admission::Enters(self.generation) };
        match every {
            Some(every) if episode.until_probe(now, every).is_zero() => {
                self.begin_probe(now).map_or(Admission::Refused, Admission::Probes)
            }
            _ => Admission::Refused,
        }
    }

    /// Has somebody probe now, unless a probe is under way that has time left.
    pub(super) fn probe_now(&mut self, now: Moment, every: Duration) -> Option<u64> {
        let episode = self.episode.as_ref()?;
        let is_free = episode.turn.is_none() || episode.until_probe(now, every).is_zero();
        if is_free { self.begin_probe(now) } else { None }
    }

    fn begin_probe(&mut self, now: Moment) -> Option<u64> {
        let episode = self.episode.as_mut()?;
        self.turns += 1;
        episode.turn = Some((self.turns, now));
        Some(self.turns)
    }

    /// Gives back a turn whose probe came to no end: the next call may probe.
    pub(super) fn give_back(&mut self, turn: u64) {
        if let Some(episode) = self.with_turn(turn) {
            episode.turn = None;
        }
    }

    /// A probe has ended; if it says so, the failed state ends with it. One whose turn is over has
    /// nothing to say.
    pub(super) fn probed(&mut self, turn: u64, now: Moment, recovered: bool) -> Option<Episode> {
        let episode = self.with_turn(turn)?;
        episode.turn = None;
        episode.rested = now;
        episode.probes += 1;
        if recovered { self.recover() } else { None }
    }

    fn with_turn(&mut self, turn: u64) -> Option<&mut Episode> {
        let is_its =
            |episode: &&mut Episode| episode.turn.is_some_and(|(under_way, _)| under_way == turn);
        self.episode.as_mut().filter(is_its)
    }

    /// Records the outcome of a call that went on in that generation; whether it was one failure too
    /// many. An outcome of an earlier generation is not counted.
    pub(super) fn settle(
        &mut self,
        (generation, now): (u64, Moment),
        failed: bool,
        most: Option<u32>,
    ) -> bool {
        generation == self.generation && self.record(now, failed, most)
    }

    /// Records an outcome, whoever it came from.
    pub(super) fn record(&mut self, now: Moment, failed: bool, most: Option<u32>) -> bool {
        if self.episode.is_some() {
            return false;
        }
        self.failures = if failed { self.failures.saturating_add(1) } else { 0 };
        most.is_some_and(|most| self.failures >= most) && self.fail(now)
    }

    /// Puts it in the failed state; whether it was not in it.
    pub(super) fn fail(&mut self, now: Moment) -> bool {
        if self.episode.is_some() {
            return false;
        }
        self.episode = Some(Episode::new(now, self.failures));
        self.failures = 0;
        self.generation += 1;
        true
    }

    /// Adds how the call failed that led to the failed state, if that still lasts.
    pub(super) fn because(&mut self, generation: u64, why: Arc<LastFailure>) {
        let is_same = generation == self.generation;
        if let Some(episode) = self.episode.as_mut().filter(|_| is_same) {
            episode.why = Some(why);
        }
    }

    /// Ends the failed state, if it is in it.
    pub(super) fn recover(&mut self) -> Option<Episode> {
        let episode = self.episode.take()?;
        self.generation += 1;
        Some(episode)
    }

    /// Ends the failed state, and forgets what was counted; calls under way no longer count.
    pub(super) fn reset(&mut self) -> Option<Episode> {
        self.failures = 0;
        let episode = self.recover();
        if episode.is_none() {
            self.generation += 1;
        }
        episode
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Moment {
        Moment::from_nanos((1_000 + millis) * 1_000_000)
    }

    // A call can stop running its probe without being dropped. Its turn ends when the next begins.
    #[test]
    fn a_turn_that_is_over_has_nothing_to_say() {
        let every = Some(Duration::from_millis(50));
        let mut core = Core::new();
        assert!(core.fail(at(0)));
        assert_eq!(core.admit(at(50), every), Admission::Probes(1));
        assert_eq!(core.admit(at(99), every), Admission::Refused);
        assert_eq!(core.admit(at(100), every), Admission::Probes(2));
        core.give_back(1);
        assert_eq!(core.admit(at(120), every), Admission::Refused, "the second still probes");
        for recovered in [true, false] {
            assert!(core.probed(1, at(120), recovered).is_none());
            assert_eq!(core.episode().map(|episode| episode.probes), Some(0));
            assert_eq!(core.admit(at(130), every), Admission::Refused);
        }
        assert!(core.probed(2, at(140), true).is_some_and(|episode| episode.probes == 1));
        assert_eq!(core.admit(at(140), every), Admission::Enters(core.generation()));
    }
}
