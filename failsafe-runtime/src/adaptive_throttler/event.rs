use crate::attempt::Counters;
use crate::events::What;
use crate::outcome::Flow;
use crate::priority::Level;
use crate::rejected::Kind;
use std::fmt;
use std::sync::Arc;

/// What a listener of an adaptive throttler hears of one call that it let through.
pub struct AdaptiveThrottlerEvent<'a, R> {
    pub(super) name: &'a str,
    pub(super) what: What,
    pub(super) counters: Counters,
    pub(super) outcome: &'a Flow<R>,
}

impl<R> AdaptiveThrottlerEvent<'_, R> {
    /// The name of the throttler.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// What happened: `Success` or `Failure`.
    pub const fn what(&self) -> What {
        self.what
    }

    /// Attempts the call has begun so far.
    pub const fn attempts(&self) -> u32 {
        self.counters.attempts
    }

    /// Retries the call has begun so far.
    pub const fn retries(&self) -> u32 {
        self.counters.retries
    }

    /// The outcome of the call.
    pub const fn outcome(&self) -> &Flow<R> {
        self.outcome
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        self.what.name() == name
    }
}

impl<R> fmt::Debug for AdaptiveThrottlerEvent<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdaptiveThrottlerEvent")
            .field("name", &self.name)
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

/// An adaptive throttler has refused a call.
#[derive(Debug)]
pub struct ThrottledEvent<'a> {
    pub(super) name: &'a str,
    pub(super) counters: Counters,
    pub(super) rejection_rate: f64,
    pub(super) level: Option<Level>,
}

impl ThrottledEvent<'_> {
    /// The name of the throttler.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// What happened: `Rejected`.
    pub const fn what(&self) -> What {
        What::Rejected(Kind::Throttled)
    }

    /// The share of the calls that is refused, from 0 to 1: the prioritizer's, if there is one.
    pub const fn rejection_rate(&self) -> f64 {
        self.rejection_rate
    }

    /// The level of the call; none without a prioritizer.
    pub const fn level(&self) -> Option<Level> {
        self.level
    }

    /// Attempts the call has begun so far.
    pub const fn attempts(&self) -> u32 {
        self.counters.attempts
    }

    /// Retries the call has begun so far.
    pub const fn retries(&self) -> u32 {
        self.counters.retries
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        name == "throttled"
    }
}

/// A listener given to a builder.
pub(super) type Listener = Arc<dyn Fn(&ThrottledEvent<'_>) + Send + Sync>;
