//! # Feature toggle
//!
//! Turns calls away while a feature is off, and is switched at run time by its name.
//!
//! ## How it decides
//!
//! A flag says whether the feature is on; `enabled` is what it says at the start, and
//! [`enable`](FeatureToggle::enable) and [`disable`](FeatureToggle::disable) change it for the calls
//! that begin afterwards. While it is on, `when` is asked at each call, where it sees the function's
//! arguments. While it is off, `when` is not asked: it can narrow a feature, not switch it on. A
//! call that is turned away returns `otherwise`, or is rejected with
//! [`Kind::FeatureDisabled`](crate::Kind); the body does not run. The rules are those of the feature
//! toggle of failsafe-py.
//!
//! ## Defaults
//!
//! | option | default | unit |
//! |---|---|---|
//! | `enabled` | `true` | `true` or `false` |
//!
//! ## Events
//!
//! `disabled` for each call that is turned away, then `rejected` if there is no `otherwise`;
//! `switched` when the flag changes. Listener: `on_disabled`.
//!
//! ## At run time
//!
//! `enabled` in the settings switches it, unless code has: what [`enable`](FeatureToggle::enable) and
//! [`disable`](FeatureToggle::disable) say holds until [`reset`](FeatureToggle::reset). When it only
//! observes, it tells of calls that it would turn away, and they go on. Taken away by
//! [`Registry::disable`], which switches policies and not features, it lets every call through and
//! tells nothing.
//!
//! ## Cancel safety
//!
//! It decides before the body begins, and keeps nothing of a call.
//!
//! ## Order
//!
//! Outermost, so that a retry does not repeat what is off, and a breaker does not count it.

mod builder;
mod core;
mod hooks;
mod instance;

pub use builder::FeatureToggleBuilder;
pub use hooks::{Answer, FeatureToggleEvent, Otherwise, Refuse};

#[doc(hidden)]
pub use hooks::{Slot, ask, otherwise};

use crate::as_policy::AsPolicy;
use crate::attempt::Call;
use crate::events::{self, What};
use crate::guard::guard;
use crate::listener::{self, Hear, Unheard};
use crate::live::Mode;
use crate::outcome::Flow;
use crate::registry::Registry;
use crate::rejected::{Kind, Rejected};
use crate::site::Declaration;
use crate::source::{Source, handle};
use failsafe_config::FeatureToggleConfig;
use instance::Instance;
use std::sync::{Arc, OnceLock};

type When = Arc<dyn Fn() -> bool + Send + Sync>;
type Listener = Arc<dyn Fn(&FeatureToggleEvent<'_>) + Send + Sync>;

/// A feature toggle: a handle of one; clones share its flag.
///
/// ```
/// # use failsafe_runtime::FeatureToggle;
/// let search = FeatureToggle::builder().name("new search").enabled(false).build();
/// assert!(!search.is_enabled());
/// search.enable();
/// assert!(search.try_acquire());
/// ```
#[derive(Clone)]
pub struct FeatureToggle<O = Refuse> {
    source: Source<Instance>,
    when: Vec<When>,
    listeners: Vec<Listener>,
    otherwise: O,
}

impl FeatureToggle {
    /// A toggle as an attribute or `policy!` declares it.
    #[doc(hidden)]
    pub const fn declared((declaration, _): (&'static Declaration, FeatureToggleConfig)) -> Self {
        Self::of(Source::Declared(declaration, OnceLock::new()))
    }

    /// Builds a toggle at run time.
    pub const fn builder() -> FeatureToggleBuilder {
        FeatureToggleBuilder::new()
    }

    const fn of(source: Source<Instance>) -> Self {
        Self { source, when: Vec::new(), listeners: Vec::new(), otherwise: Refuse }
    }
}

impl<O> FeatureToggle<O> {
    /// Whether it is on. Its predicates are not asked.
    pub fn is_enabled(&self) -> bool {
        self.source.look(Instance::is_enabled)
    }

    /// Switches it on.
    pub fn enable(&self) {
        self.source.look(|instance| instance.switch(true));
    }

    /// Switches it off, for the calls that begin from now on.
    pub fn disable(&self) {
        self.source.look(|instance| instance.switch(false));
    }

    /// Leaves it to its options again, as at the start.
    pub fn reset(&self) {
        self.source.look(crate::stateful::Stateful::reset);
    }

    /// Whether a call may go on: it is on, and its predicates say so.
    pub fn try_acquire(&self) -> bool {
        self.admits(&Call::new(), || true, &Unheard)
    }

    /// Whether a call may go on, or why not.
    ///
    /// # Errors
    ///
    /// A rejection of kind [`Kind::FeatureDisabled`].
    pub fn acquire(&self) -> Result<(), Rejected> {
        let call = Call::new();
        let admitted = self.admits(&call, || true, &Unheard);
        if admitted { Ok(()) } else { Err(self.refuse(&call)) }
    }

    /// Whether a call goes through; that one does not is told.
    #[doc(hidden)]
    #[inline]
    pub fn admits<L>(&self, call: &Call, when: impl FnOnce() -> bool, hear: &L) -> bool
    where
        L: for<'a> Hear<FeatureToggleEvent<'a>>,
    {
        let when = || self.when.iter().all(|when| when()) && when();
        let look = |instance: &Instance| (instance.mode(), instance.is_enabled());
        let (mode, enabled) = self.source.look(look);
        if mode == Mode::Off || core::lets_through(enabled, when) {
            return true;
        }
        self.turned_away(call, hear);
        mode == Mode::Observe
    }

    /// What a call returns by itself that was turned away.
    #[doc(hidden)]
    #[cold]
    pub fn turn_away<R>(&self, call: &Call) -> Flow<R>
    where
        O: Otherwise<R>,
    {
        self.otherwise.otherwise().ok_or_else(|| self.refuse(call))
    }

    /// Tells of a call that was turned away.
    #[cold]
    fn turned_away<L>(&self, call: &Call, hear: &L)
    where
        L: for<'a> Hear<FeatureToggleEvent<'a>>,
    {
        let (label, enabled) =
            self.source.look(|instance| (instance.label().clone(), instance.is_enabled()));
        let counters = call.counters();
        let event = FeatureToggleEvent { name: label.name(), switched_off: !enabled, counters };
        if hear.is_heard() {
            listener::call("feature_toggle", &label, counters, || hear.hear(&event));
        }
        for hear in &self.listeners {
            listener::call("feature_toggle", &label, counters, || hear(&event));
        }
        events::emit("feature_toggle", || label.clone(), counters, What::Disabled);
    }

    fn refuse(&self, call: &Call) -> Rejected {
        let label = self.source.look(|instance| instance.label().clone());
        let what = What::Rejected(Kind::FeatureDisabled);
        events::emit("feature_toggle", || label.clone(), call.counters(), what);
        Rejected::new(Kind::FeatureDisabled, label)
    }
}

impl AsPolicy<Self> for FeatureToggle {
    fn as_policy(&self) -> &Self {
        self
    }
}

impl Registry {
    /// The feature toggle of that name: the live one, or a new one if it is declared somewhere in
    /// the binary but nobody has called it yet.
    pub fn feature_toggle(&self, name: &str) -> Option<FeatureToggle> {
        let instance = self.find("feature_toggle", name, Instance::declared)?;
        Some(FeatureToggle::of(Source::Built(instance)))
    }
}

/// A call through a feature toggle, for asynchronous and blocking bodies alike. Nothing of it lives
/// across the attempt.
#[doc(hidden)]
#[macro_export]
macro_rules! __feature_toggle {
    ($call:expr, $toggle:expr, $when:expr, $hear:expr, $attempt:expr) => {{
        let toggle = $toggle;
        if toggle.admits(&$call, $when, &$hear) { $attempt } else { toggle.turn_away(&$call) }
    }};
    ($call:expr, $toggle:expr, $when:expr, $hear:expr, $attempt:expr, |$slot:ident| $otherwise:expr) => {{
        let toggle = $toggle;
        let slot = $crate::__rt::ToggleSlot::new();
        if toggle.admits(&$call, $when, &$hear) {
            slot.hold($attempt)
        } else {
            let $slot = &slot;
            ::core::result::Result::Ok($otherwise)
        }
    }};
}

macro_rules! around {
    ($_mode:ident $call:expr, $this:expr, $attempt:expr) => {
        crate::__feature_toggle!($call, $this, || true, Unheard, $attempt)
    };
}

handle!(FeatureToggle<O>, FeatureToggleConfig);
guard!(FeatureToggle<O: Otherwise>, around);
