//! The decisions of a race: plain data; time, outcomes and the answer of a budget are arguments.

use std::time::Duration;

/// A race of attempts: how many there are, and whether another may join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Core {
    /// Hedges that have started.
    hedges: u32,
    /// Attempts that have not ended.
    running: u32,
    next: Next,
}

/// What is known of the next hedge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Its delay is not known.
    Unknown,
    /// It starts when its delay has passed.
    Waits,
    /// Its delay has passed.
    Due,
    /// There is none.
    Never,
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Find out how long to wait before the next hedge.
    AskDelay,
    /// Ask the budget, and start the next hedge.
    Hedge,
    /// Wait for an attempt to end, or for the delay to pass.
    Wait,
    /// Return the outcome that came last: all attempts have ended, and there will be no more.
    Done,
}

impl Core {
    /// A race that begins with its first attempt.
    pub(super) const fn new() -> Self {
        Self { hedges: 0, running: 1, next: Next::Unknown }
    }

    /// Hedges that have started.
    pub(super) const fn hedges(self) -> u32 {
        self.hedges
    }

    /// Whether nothing runs but one attempt.
    pub(super) const fn is_alone(self) -> bool {
        self.running == 1
    }

    /// What to do. When every attempt has ended and none ended the race, nobody is slow that could
    /// be waited for: the next hedge starts at once.
    pub(super) const fn step(self) -> Step {
        match self.next {
            Next::Unknown => Step::AskDelay,
            Next::Due => Step::Hedge,
            Next::Waits if self.running == 0 => Step::Hedge,
            Next::Never if self.running == 0 => Step::Done,
            Next::Waits | Next::Never => Step::Wait,
        }
    }

    /// The delay before the next hedge, or that there is no next one; whether to wait for it.
    pub(super) const fn delayed(&mut self, delay: Option<Duration>) -> bool {
        self.next = match delay {
            None => Next::Never,
            Some(Duration::ZERO) => Next::Due,
            Some(_) => Next::Waits,
        };
        matches!(self.next, Next::Waits) && self.running > 0
    }

    /// The delay has passed.
    pub(super) const fn elapsed(&mut self) {
        if matches!(self.next, Next::Waits) {
            self.next = Next::Due;
        }
    }

    /// Whether the delay is being waited for.
    pub(super) const fn waits(self) -> bool {
        matches!(self.next, Next::Waits)
    }

    /// A hedge has started.
    pub(super) const fn started(&mut self) {
        self.hedges += 1;
        self.running += 1;
        self.next = Next::Unknown;
    }

    /// A hedge would have started; whether another would, nobody knows who has no outcome of it.
    pub(super) const fn observed(&mut self) {
        self.hedges += 1;
        self.next = if self.running == 0 { Next::Never } else { Next::Unknown };
    }

    /// There will be no further hedge: the budget refused one, or hedging was switched off.
    pub(super) const fn refused(&mut self) {
        self.next = Next::Never;
    }

    /// An attempt has ended in an outcome that does not end the race.
    pub(super) const fn ended(&mut self) {
        self.running -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: Option<Duration> = Some(Duration::from_millis(50));

    #[test]
    fn a_hedge_starts_when_its_delay_has_passed() {
        let mut core = Core::new();
        assert_eq!(core.step(), Step::AskDelay);
        assert!(core.delayed(DELAY));
        assert_eq!(core.step(), Step::Wait);
        core.elapsed();
        assert_eq!(core.step(), Step::Hedge);
        core.started();
        assert_eq!((core.step(), core.hedges()), (Step::AskDelay, 1));
        core.delayed(None);
        core.ended();
        assert_eq!(core.step(), Step::Wait);
        core.ended();
        assert_eq!(core.step(), Step::Done);
    }

    #[test]
    fn when_all_have_ended_the_next_starts_at_once() {
        let mut core = Core::new();
        core.delayed(DELAY);
        core.ended();
        assert_eq!(core.step(), Step::Hedge);
        core.started();
        core.ended();
        assert_eq!(core.step(), Step::AskDelay, "it may be that there is no further one");
        assert!(!core.delayed(DELAY), "there is nobody to wait for");
        assert_eq!(core.step(), Step::Hedge);
    }

    #[test]
    fn no_delay_is_no_further_hedge() {
        let mut core = Core::new();
        core.delayed(None);
        assert_eq!(core.step(), Step::Wait);
        core.ended();
        assert_eq!(core.step(), Step::Done);
    }

    #[test]
    fn what_would_have_started_does_not_run() {
        let mut core = Core::new();
        core.delayed(DELAY);
        core.elapsed();
        core.observed();
        assert_eq!((core.step(), core.hedges()), (Step::AskDelay, 1));
        core.delayed(DELAY);
        core.ended();
        assert_eq!(core.step(), Step::Hedge);
        core.observed();
        assert_eq!(core.step(), Step::Done);
    }

    #[test]
    fn a_refusal_is_for_all_later_ones() {
        let mut core = Core::new();
        core.delayed(Some(Duration::ZERO));
        assert_eq!(core.step(), Step::Hedge);
        core.refused();
        assert_eq!(core.step(), Step::Wait);
        core.elapsed();
        assert_eq!(core.step(), Step::Wait);
    }
}
