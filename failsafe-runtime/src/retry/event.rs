use crate::attempt::Counters;
use crate::events::What;
use crate::outcome::Flow;
use std::fmt;
use std::time::Duration;

/// What a listener of a retry hears.
pub struct RetryEvent<'a, R> {
    pub(super) name: &'a str,
    pub(super) what: What,
    pub(super) counters: Counters,
    pub(super) elapsed: Duration,
    pub(super) outcome: Option<&'a Flow<R>>,
}

impl<R> RetryEvent<'_, R> {
    /// The name of the retry, or the path of its function.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// What happened.
    pub const fn what(&self) -> What {
        self.what
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        self.what.name() == name
    }

    /// Attempts begun so far; in `on_retry` the one that begins is counted.
    pub const fn attempts(&self) -> u32 {
        self.counters.attempts
    }

    /// Runs of the body that came to an end.
    pub const fn executions(&self) -> u32 {
        self.counters.executions
    }

    /// Retries begun so far.
    pub const fn retries(&self) -> u32 {
        self.counters.retries
    }

    /// Whether no retry has begun.
    pub const fn is_first_attempt(&self) -> bool {
        self.counters.attempts == 1
    }

    /// Whether a retry has begun.
    pub const fn is_retry(&self) -> bool {
        self.counters.retries > 0
    }

    /// How long the call has run.
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// How long the wait will be, in `on_retry_scheduled`; zero elsewhere.
    pub const fn delay(&self) -> Duration {
        match self.what {
            What::RetryScheduled(delay) => delay,
            _ => Duration::ZERO,
        }
    }

    /// The outcome of the attempt; `None` in `on_retry` and `on_budget_exceeded`, where it is gone.
    pub const fn outcome(&self) -> Option<&Flow<R>> {
        self.outcome
    }
}

impl<R> fmt::Debug for RetryEvent<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryEvent")
            .field("name", &self.name)
            .field("what", &self.what)
            .field("counters", &self.counters)
            .field("elapsed", &self.elapsed)
            .finish_non_exhaustive()
    }
}
