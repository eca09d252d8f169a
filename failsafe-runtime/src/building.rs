//! What the builders of policies with state have in common: a name, options that are judged as they
//! are given, and all faults at once at the end.

use crate::fault::{ConfigError, Faults};
use crate::label::Label;
use crate::registry::Registry;
use crate::stateful::Stateful;
use failsafe_config::Fault;
use std::sync::Arc;

/// What a builder has been told that every policy has.
#[derive(Debug)]
pub(crate) struct Parts<C> {
    pub(crate) name: Option<String>,
    pub(crate) config: C,
    faults: Faults,
}

impl<C: Copy> Parts<C> {
    /// Nothing yet.
    pub(crate) const fn new(config: C) -> Self {
        Self { name: None, config, faults: Faults::new() }
    }

    /// Sets an option, unless its value is one that it cannot have.
    pub(crate) fn set<T>(&mut self, value: Result<T, Fault>, set: impl FnOnce(C, T) -> C) {
        if let Some(value) = self.faults.note(value) {
            self.config = set(self.config, value);
        }
    }

    /// Sets an option, unless a rule finds a fault in its value.
    pub(crate) fn set_by<T: Copy>(
        &mut self,
        value: Result<T, Fault>,
        fault: impl FnOnce(T) -> Option<&'static str>,
        set: impl FnOnce(C, T) -> C,
    ) {
        let judged = value.and_then(|value| Fault::from_verdict(fault(value)).map(|()| value));
        self.set(judged, set);
    }

    /// Keeps a fault of several options.
    pub(crate) fn check(&mut self, checked: Result<(), Fault>) {
        self.faults.note(checked);
    }

    /// What the policy is called, unless something is wrong with its options.
    pub(crate) fn label(&self, policy: &'static &'static str) -> Result<Label, ConfigError> {
        self.faults.verdict(policy)?;
        let named = self.name.as_ref().map(|name| Label::Given(Arc::new(name.clone())));
        Ok(named.unwrap_or(Label::Unnamed(policy)))
    }
}

/// Lists an instance with a name in the registry in force.
pub(crate) fn list(policy: &'static str, name: Option<&str>, instance: Arc<dyn Stateful>) {
    if let Some(name) = name {
        Registry::with_current(|registry| registry.adopt(policy, name, instance));
    }
}

/// The beginning and the end of a builder, whose `parts` are [`Parts`] and whose `make` makes the
/// handle, once `check` has found nothing wrong.
macro_rules! builds {
    (
        $(#[$doc:meta])*
        $builder:ident $(<$hooks:ident>)? => $policy:ident,
        $name:literal,
        $noun:literal
        $(, $check:ident)?
    ) => {
        impl $(<$hooks>)? $builder $(<$hooks>)? {
            /// The name in events and rejections.
            #[doc = concat!("A ", $noun, " with a name is listed in the registry in force;")]
            /// if that has one of the name already, that one stays listed.
            pub fn name(mut self, name: impl Into<String>) -> Self {
                self.parts.name = Some(name.into());
                self
            }

            #[doc = concat!("The ", $noun, ".")]
            $(#[$doc])*
            ///
            /// # Panics
            ///
            /// When an option was given a value it cannot have; [`try_build`](Self::try_build)
            /// returns that as an error.
            #[track_caller]
            #[must_use]
            pub fn build(self) -> $policy $(<$hooks>)? {
                self.try_build().unwrap_or_else(|error| panic!("{error}"))
            }

            #[doc = concat!("The ", $noun, ".")]
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// Everything that is wrong with the options, at once.
            pub fn try_build(
                mut self,
            ) -> Result<$policy $(<$hooks>)?, $crate::fault::ConfigError> {
                self.parts.check(Ok(()) $(.and(self.$check()))?);
                let label = self.parts.label(&$name)?;
                let name = self.parts.name.take();
                let made = self.make(label);
                $crate::building::list($name, name.as_deref(), made.source.share() as _);
                Ok(made)
            }
        }

        impl $(<$hooks>)? std::fmt::Debug for $builder $(<$hooks>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($builder))
                    .field("name", &self.parts.name)
                    .field("config", &self.parts.config)
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use builds;
