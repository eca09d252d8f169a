//! What an instance of a policy goes by now: its configuration, which it can be told anew while calls
//! read it, and whether it acts.

use crate::label::Label;
use crate::live::{self, Live, Mode};
use failsafe_config::PolicyConfig;
use std::fmt;

/// That of what was built in code: it always acts.
static ALWAYS: Live = Live::untouched();

/// The configuration of an instance, and its mode. Reading either takes no lock.
pub(crate) struct Current<C> {
    /// What it was made with.
    made: C,
    /// What it was told since.
    told: Live,
    /// The mode is that of its declaration, also of an instance for one key.
    governed: &'static Live,
}

impl<C: PolicyConfig + PartialEq> Current<C> {
    /// That of an instance with this name.
    pub(crate) const fn new(label: &Label, made: C) -> Self {
        let governed = match label {
            Label::Declared(declaration) => declaration.live(),
            Label::Given(_) | Label::Unnamed(_) => &ALWAYS,
        };
        Self { made, told: Live::untouched(), governed }
    }

    /// Whether the instance acts.
    #[inline]
    pub(crate) fn mode(&self) -> Mode {
        self.governed.mode()
    }

    /// The configuration.
    #[inline]
    pub(crate) fn get(&self) -> &C {
        if self.told.is_untouched() { &self.made } else { self.get_told() }
    }

    #[cold]
    fn get_told(&self) -> &C {
        self.told.told().map_or(&self.made, |told| told.instead_of(&self.made))
    }

    /// Another configuration from now on; nothing happens if it is of another policy.
    pub(crate) fn set(&self, policy: &str, config: &dyn PolicyConfig) {
        if config.as_any().downcast_ref() == Some(&self.made) {
            self.told.tell(Mode::On, None);
        } else if let Some(number) = live::whole(policy, config.duplicate()) {
            self.told.tell(Mode::On, Some(number));
        }
    }
}

impl<C: fmt::Debug + PolicyConfig + PartialEq> fmt::Debug for Current<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.get(), f)
    }
}
