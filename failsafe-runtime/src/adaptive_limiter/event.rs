use super::update::Update;
use crate::attempt::Counters;
use std::fmt;
use std::sync::Arc;

/// A listener in a builder that is called when a call is refused.
pub(super) type ExceededListener = Arc<dyn Fn(&LimitExceededEvent<'_>) + Send + Sync>;

/// A listener in a builder that is called after the limit has changed.
pub(super) type ChangedListener = Arc<dyn Fn(&LimitChangedEvent) + Send + Sync>;

/// A listener in a declaration that uses nothing of the function it stands on.
type Declared = Option<fn(&LimitChangedEvent)>;

/// The limit of an adaptive limiter has changed.
#[derive(Debug, Clone)]
pub struct LimitChangedEvent {
    pub(super) name: String,
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) update: Update,
}

impl LimitChangedEvent {
    /// The name of the limiter.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The limit before.
    pub const fn from(&self) -> u32 {
        self.from
    }

    /// The limit since then.
    pub const fn to(&self) -> u32 {
        self.to
    }

    /// The decision that changed it.
    pub const fn update(&self) -> &Update {
        &self.update
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        name == "limit_changed"
    }
}

/// What a listener of an adaptive limiter hears of a call that is refused.
#[derive(Debug, Clone, Copy)]
pub struct LimitExceededEvent<'a> {
    pub(super) name: &'a str,
    pub(super) limit: u32,
    pub(super) in_flight: u32,
    pub(super) queued: u32,
    pub(super) counters: Counters,
}

impl LimitExceededEvent<'_> {
    /// The name of the limiter, or the path of its function.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// The limit.
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    /// How many calls are in flight.
    pub const fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// How many calls wait for a permit.
    pub const fn queued(&self) -> u32 {
        self.queued
    }

    /// Attempts the call has begun so far; 0 where there is no call.
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
        name == "limit_exceeded"
    }
}

/// What a declaration keeps beside its configuration: listeners that hear of every change of the
/// limit, whoever caused it, and the function that bounds the limit.
#[derive(Clone, Copy, Default)]
pub struct Listeners {
    limit_changed: Declared,
    max_limit: Option<fn(u32) -> f64>,
}

impl Listeners {
    /// None.
    pub const fn new() -> Self {
        Self { limit_changed: None, max_limit: None }
    }

    /// Hears of every change.
    #[must_use]
    pub const fn on_limit_changed(mut self, listener: fn(&LimitChangedEvent)) -> Self {
        self.limit_changed = Some(listener);
        self
    }

    /// Bounds the limit by the calls in flight.
    #[must_use]
    pub const fn max_limit_with(mut self, max_limit: fn(u32) -> f64) -> Self {
        self.max_limit = Some(max_limit);
        self
    }

    pub(super) const fn limit_changed(&self) -> Declared {
        self.limit_changed
    }

    pub(super) const fn max_limit(&self) -> Option<fn(u32) -> f64> {
        self.max_limit
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listeners").finish_non_exhaustive()
    }
}
