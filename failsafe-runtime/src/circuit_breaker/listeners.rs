use super::metrics::StateChanged;
use crate::state::State;
use std::fmt;
use std::sync::Arc;

/// A listener given to a builder.
pub(crate) type Hearer = Arc<dyn Fn(&StateChanged) + Send + Sync>;

/// A listener in a declaration that uses nothing of the function it stands on.
type Declared = Option<fn(&StateChanged)>;

/// The listeners in a declaration that hear of every change of the breaker, whoever caused it.
#[derive(Clone, Copy, Default)]
pub struct Listeners {
    state_changed: Declared,
    open: Declared,
    half_open: Declared,
    close: Declared,
}

impl Listeners {
    /// None.
    pub const fn new() -> Self {
        Self { state_changed: None, open: None, half_open: None, close: None }
    }

    /// Hears of every change.
    #[must_use]
    pub const fn on_state_changed(mut self, listener: fn(&StateChanged)) -> Self {
        self.state_changed = Some(listener);
        self
    }

    /// Hears when it opened.
    #[must_use]
    pub const fn on_open(mut self, listener: fn(&StateChanged)) -> Self {
        self.open = Some(listener);
        self
    }

    /// Hears when it half-opened.
    #[must_use]
    pub const fn on_half_open(mut self, listener: fn(&StateChanged)) -> Self {
        self.half_open = Some(listener);
        self
    }

    /// Hears when it closed.
    #[must_use]
    pub const fn on_close(mut self, listener: fn(&StateChanged)) -> Self {
        self.close = Some(listener);
        self
    }

    /// Those that hear of a change to this state, the specific one first.
    pub(super) fn of(&self, state: State) -> impl Iterator<Item = fn(&StateChanged)> + use<> {
        let specific = match state {
            State::Open => self.open,
            State::HalfOpen => self.half_open,
            State::Closed => self.close,
        };
        specific.into_iter().chain(self.state_changed)
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listeners").finish_non_exhaustive()
    }
}
