//! What an instance of a policy goes by now: its configuration, which can change while calls read it,
//! and whether it acts.

use crate::label::Label;
use crate::live::{self, Live, Mode};
use failsafe_config::PolicyConfig;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

/// That of what was built in code: it always acts.
static ALWAYS: Live = Live::untouched();

/// The configuration of an instance, and its mode. Reading either takes no lock. Both are those of its
/// declaration, so that they change together with everything else; the state of the instance follows
/// before it decides anything by them.
pub(crate) struct Current<C> {
    /// As it is written.
    written: C,
    /// What its declaration is told, also that of an instance for one key.
    governed: &'static Live,
    /// The number of the configuration that the state goes by; 0 is what is written. Changed by whoever
    /// has the lock of the state.
    kept: AtomicU32,
}

impl<C: PolicyConfig + PartialEq> Current<C> {
    /// That of an instance with this name, which is written so.
    pub(crate) const fn new(label: &Label, written: C) -> Self {
        let governed = match label {
            Label::Declared(declaration) => declaration.live(),
            Label::Given(_) | Label::Unnamed(_) => &ALWAYS,
        };
        Self { written, governed, kept: AtomicU32::new(0) }
    }

    /// Whether the instance acts.
    #[inline]
    pub(crate) fn mode(&self) -> Mode {
        self.governed.mode()
    }

    /// The configuration.
    #[inline]
    pub(crate) fn get(&self) -> &C {
        if self.governed.is_untouched() { &self.written } else { self.told() }
    }

    #[cold]
    #[inline(never)]
    fn told(&self) -> &C {
        self.numbered(self.governed.both().1)
    }

    fn numbered(&self, number: u32) -> &C {
        live::told(number).map_or(&self.written, |told| told.instead_of(&self.written))
    }

    /// The configuration, if the instance acts: both of one look.
    #[inline]
    pub(crate) fn if_on(&self) -> Option<&C> {
        if self.governed.is_untouched() { Some(&self.written) } else { self.told_if_on() }
    }

    #[cold]
    #[inline(never)]
    fn told_if_on(&self) -> Option<&C> {
        let (mode, number) = self.governed.both();
        (mode == Mode::On).then(|| self.numbered(number))
    }

    /// For whoever has the lock of the state, and is about to decide: `adapt` is given the configuration
    /// that the state goes by and the one in force, if that is not the same.
    #[inline]
    pub(crate) fn follow(&self, adapt: impl FnOnce(&C, &C)) {
        if !self.governed.is_untouched() {
            self.catch_up(adapt);
        }
    }

    #[cold]
    #[inline(never)]
    fn catch_up(&self, adapt: impl FnOnce(&C, &C)) {
        let (kept, (_, number)) = (self.kept.load(Ordering::Relaxed), self.governed.both());
        if kept != number {
            adapt(self.numbered(kept), self.numbered(number));
            // Whoever finds this without the lock finds what was adapted.
            self.kept.store(number, Ordering::Release);
        }
    }

    /// What is written, if nothing else was ever in force: the state goes by it too, for whoever has its
    /// lock.
    #[inline]
    pub(crate) fn as_written(&self) -> Option<&C> {
        self.governed.is_untouched().then_some(&self.written)
    }

    /// The configuration that the state goes by, for whoever has its lock.
    #[inline]
    pub(crate) fn of_state(&self) -> &C {
        if self.governed.is_untouched() { &self.written } else { self.kept() }
    }

    #[cold]
    #[inline(never)]
    fn kept(&self) -> &C {
        self.numbered(self.kept.load(Ordering::Relaxed))
    }

    /// The configuration that the state goes by from the start.
    pub(crate) fn begin(&self) -> &C {
        self.follow(|_, _| ());
        self.of_state()
    }

    /// Whether the state goes by another configuration than the one in force. For those that cannot
    /// adapt it where they decide, because they have no lock there, or would have to wake somebody under
    /// it.
    #[inline]
    pub(crate) fn is_behind(&self) -> bool {
        !self.governed.is_untouched() && self.is_told_behind()
    }

    #[cold]
    #[inline(never)]
    fn is_told_behind(&self) -> bool {
        self.kept.load(Ordering::Acquire) != self.governed.both().1
    }

    /// Whether the instance acts, after `adapt` was called if the state [is behind](Self::is_behind).
    #[inline]
    pub(crate) fn mode_after(&self, adapt: impl FnOnce()) -> Mode {
        if self.governed.is_untouched() { Mode::On } else { self.told_mode_after(adapt) }
    }

    #[cold]
    #[inline(never)]
    fn told_mode_after(&self, adapt: impl FnOnce()) -> Mode {
        let (mode, number) = self.governed.both();
        if self.kept.load(Ordering::Acquire) != number {
            adapt();
        }
        mode
    }
}

impl<C: fmt::Debug + PolicyConfig + PartialEq> fmt::Debug for Current<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.get(), f)
    }
}
