use crate::priority::Level;
use std::fmt;
use std::sync::Arc;

/// A prioritizer refuses from another level on.
#[derive(Debug, Clone)]
pub struct ThresholdChanged {
    name: String,
    from: Level,
    to: Level,
    rejection_rate: f64,
}

impl ThresholdChanged {
    pub(super) const fn new(name: String, (from, to): (Level, Level), rejection_rate: f64) -> Self {
        Self { name, from, to, rejection_rate }
    }

    /// The name of the prioritizer.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The threshold it had.
    pub const fn from(&self) -> Level {
        self.from
    }

    /// The threshold it has now: calls of lower levels are refused.
    pub const fn to(&self) -> Level {
        self.to
    }

    /// The share of calls that is too many.
    pub const fn rejection_rate(&self) -> f64 {
        self.rejection_rate
    }
}

/// A listener given to a builder.
pub(super) type Hearer = Arc<dyn Fn(&ThresholdChanged) + Send + Sync>;

/// The listeners in a declaration.
#[derive(Clone, Copy, Default)]
pub struct Listeners(Option<fn(&ThresholdChanged)>);

impl Listeners {
    /// None.
    pub const fn new() -> Self {
        Self(None)
    }

    /// Hears of every change.
    #[must_use]
    pub const fn on_threshold_changed(self, listener: fn(&ThresholdChanged)) -> Self {
        Self(Some(listener))
    }

    pub(super) const fn changed(self) -> Option<fn(&ThresholdChanged)> {
        self.0
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listeners").finish_non_exhaustive()
    }
}
