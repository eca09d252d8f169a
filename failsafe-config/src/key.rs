//! The options that bound the instances of a `key`: the same for every policy that can have one.

use crate::fault::demand;
use crate::spec::OptionSpec;
use crate::{Fault, Value};
use std::time::Duration;

/// A rule of a table: an option, what it needs beside it, and why.
type Requirement = (&'static str, &'static [&'static str], &'static str);

pub(crate) const MAX_KEYS: OptionSpec = OptionSpec::config(
    "max_keys",
    Some("max_keys"),
    "1000",
    "5000",
    "The most keys kept; of more, those unused for long go.",
);

pub(crate) const KEY_IDLE: OptionSpec = OptionSpec::config(
    "key_idle",
    Some("key_idle"),
    "\"10m\"",
    "\"1h\"",
    "When there are too many keys, those unused for so long go first.",
);

pub(crate) const MAX_KEYS_NEEDS_KEY: Requirement = (
    "max_keys",
    &["key"],
    "`max_keys` bounds the instances of a `key`, and there is none: add `key` or remove it",
);

pub(crate) const KEY_IDLE_NEEDS_KEY: Requirement = (
    "key_idle",
    &["key"],
    "`key_idle` evicts instances of a `key`, and there is none: add `key` or remove it",
);

/// How many keys a policy keeps instances of, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyBounds {
    max_keys: usize,
    key_idle: Duration,
}

impl KeyBounds {
    /// A thousand, and ten minutes.
    pub const fn new() -> Self {
        Self { max_keys: 1000, key_idle: Duration::from_secs(600) }
    }

    /// The most keys kept.
    pub const fn max_keys(&self) -> usize {
        self.max_keys
    }

    /// When there are too many keys, those unused for so long go first.
    pub const fn key_idle(&self) -> Duration {
        self.key_idle
    }

    /// What is wrong with a number of keys.
    pub const fn max_keys_fault(max_keys: usize) -> Option<&'static str> {
        if max_keys == 0 {
            return Some("`max_keys = 0` keeps no key: write 1 or more");
        }
        None
    }

    #[track_caller]
    pub(crate) const fn with_max_keys(mut self, max_keys: usize) -> Self {
        demand(Self::max_keys_fault(max_keys));
        self.max_keys = max_keys;
        self
    }

    pub(crate) const fn with_key_idle(mut self, key_idle: Duration) -> Self {
        self.key_idle = key_idle;
        self
    }

    pub(crate) fn set(&mut self, option: &str, value: &Value) -> Result<(), Fault> {
        if option == "max_keys" {
            // More than there is room for is as good as all.
            let max_keys = usize::try_from(value.count()?).unwrap_or(usize::MAX);
            Fault::from_verdict(Self::max_keys_fault(max_keys))?;
            self.max_keys = max_keys;
        } else {
            self.key_idle = value.duration()?;
        }
        Ok(())
    }

    pub(crate) fn fingerprint(&self) -> [(&'static str, u64, u64); 2] {
        let max_keys = u64::try_from(self.max_keys).unwrap_or(u64::MAX);
        [("MaxKeys", max_keys, 0), crate::duration::fingerprint("KeyIdle", Some(self.key_idle))]
    }

    pub(crate) fn recipe(&self) -> impl Iterator<Item = String> + use<> {
        let (Self { max_keys, key_idle }, new) = (*self, Self::new());
        let most = (max_keys != new.max_keys).then(|| format!("max_keys({max_keys})"));
        let idle = (key_idle != new.key_idle)
            .then(|| format!("key_idle({})", crate::duration::constant(key_idle)));
        most.into_iter().chain(idle)
    }
}

impl Default for KeyBounds {
    fn default() -> Self {
        Self::new()
    }
}

/// The options of a configuration that has the bounds in `keys`.
macro_rules! bounded {
    ($config:ty) => {
        impl $config {
            /// The most keys kept, where there is a `key`.
            ///
            /// # Panics
            ///
            /// When it is 0.
            #[must_use]
            #[track_caller]
            pub const fn max_keys(mut self, max_keys: usize) -> Self {
                self.keys = self.keys.with_max_keys(max_keys);
                self
            }

            /// When there are too many keys, those unused for so long go first.
            #[must_use]
            pub const fn key_idle(mut self, key_idle: std::time::Duration) -> Self {
                self.keys = self.keys.with_key_idle(key_idle);
                self
            }

            /// How many keys are kept, and for how long, where there is a `key`.
            pub const fn get_keys(&self) -> $crate::KeyBounds {
                self.keys
            }
        }
    };
}

pub(crate) use bounded;
