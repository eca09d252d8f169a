use super::update::Update;
use crate::attempt::Counters;
use crate::listener::{counted, listeners};
use std::sync::Arc;

/// A listener in a builder that is called when a call is refused.
pub(super) type ExceededListener = Arc<dyn Fn(&LimitExceededEvent<'_>) + Send + Sync>;

/// A listener in a builder that is called after the limit has changed.
pub(super) type ChangedListener = Arc<dyn Fn(&LimitChangedEvent) + Send + Sync>;

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

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        name == "limit_exceeded"
    }
}

counted!(LimitExceededEvent<'_>);

listeners! {
    /// What a declaration keeps beside its configuration: listeners that hear of every change of
    /// the limit, whoever caused it, and the function that bounds the limit.
    Listeners {
        /// Hears of every change.
        on_limit_changed: fn(&LimitChangedEvent),
        /// Bounds the limit by the calls in flight.
        max_limit_with: fn(u32) -> f64,
    }
}
