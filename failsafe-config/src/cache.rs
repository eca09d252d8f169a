use crate::fault::demand;
use crate::spec::{OnFailure, OptionSpec, PolicySpec, Runs, Shape, policy_config};
use crate::{DurationText, Fault, Value};
use std::time::Duration;

/// What a cache can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheConfig {
    ttl: Option<Duration>,
    capacity: u32,
}

impl CacheConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "cache",
        type_name: "Cache",
        blank: || Box::new(CacheConfig::new()),
        positional: None,
        options: OPTIONS,
        exclusive: &[&["capacity", "store"]],
        requires: &[],
        needs_one_of: None,
        stateful: true,
        twice: Some("the inner one would wait for the value that the outer one is making"),
        name_alone: crate::spec::NameAlone::Refers,
        runs: Runs::Once,
        rejects: None,
        on_failure: OnFailure::Other,
        generic: true,
        needs_async: None,
        is_step: false,
    };

    /// A thousand values, kept until there is no room.
    pub const fn new() -> Self {
        Self { ttl: None, capacity: 1000 }
    }

    /// How long a value is kept. More than zero.
    ///
    /// # Panics
    ///
    /// When it is zero.
    #[must_use]
    #[track_caller]
    pub const fn ttl(mut self, ttl: Duration) -> Self {
        demand(Self::ttl_fault(ttl));
        self.ttl = Some(ttl);
        self
    }

    /// How many values are kept. At least 1.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub const fn capacity(mut self, capacity: u32) -> Self {
        demand(Self::capacity_fault(capacity));
        self.capacity = capacity;
        self
    }

    /// What is wrong with a time to live.
    pub const fn ttl_fault(ttl: Duration) -> Option<&'static str> {
        if ttl.is_zero() {
            return Some(
                "a value that lives for no time is never found again: write a longer `ttl`, or \
                 remove the cache",
            );
        }
        None
    }

    /// What is wrong with a number of values.
    pub const fn capacity_fault(capacity: u32) -> Option<&'static str> {
        if capacity == 0 {
            return Some("a cache of capacity 0 keeps nothing: write 1 or more");
        }
        None
    }

    /// How long a value is kept; `None` is until there is no room.
    pub const fn get_ttl(&self) -> Option<Duration> {
        self.ttl
    }

    /// How many values are kept.
    pub const fn get_capacity(&self) -> u32 {
        self.capacity
    }

    /// What is wrong with the options together: nothing can be.
    ///
    /// # Errors
    ///
    /// Never.
    pub fn check(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// Sets one option from what was written.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the value and what to write instead.
    pub fn set(&mut self, option: &str, value: &Value) -> Result<(), Fault> {
        if option == "ttl" {
            let ttl = value.duration()?;
            Fault::from_verdict(Self::ttl_fault(ttl))?;
            self.ttl = Some(ttl);
        } else {
            let capacity = value.count()?;
            Fault::from_verdict(Self::capacity_fault(capacity))?;
            self.capacity = capacity;
        }
        Ok(())
    }

    /// The values that two declarations of one name must share.
    pub fn fingerprint(&self) -> Vec<(&'static str, u64, u64)> {
        vec![
            crate::duration::fingerprint("TimeToLive", self.ttl),
            ("Capacity", self.capacity.into(), 0),
        ]
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        let ttl = self.ttl.map(|ttl| format!("ttl({})", crate::duration::constant(ttl)));
        let blank = Self::new().capacity;
        let capacity = (self.capacity != blank).then(|| format!("capacity({})", self.capacity));
        ttl.into_iter().chain(capacity).collect()
    }

    /// What it does, for the documentation of the function it stands on.
    pub fn summary(&self) -> String {
        let kept = format!("up to {} values kept", self.capacity);
        match self.ttl {
            None => kept,
            Some(ttl) => format!("{kept} for {}", DurationText(ttl)),
        }
    }
}

policy_config!(CacheConfig);

impl Default for CacheConfig {
    fn default() -> Self {
        Self::new()
    }
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::call(
        "key",
        Shape::Expression,
        "(tenant, id)",
        "What the value depends on; equal keys get the same value.",
    ),
    OptionSpec::config("ttl", Some("ttl"), "", "\"30s\"", "How long a value is kept."),
    OptionSpec::config("capacity", Some("capacity"), "1000", "5000", "How many values are kept."),
    OptionSpec::call(
        "cache_if",
        Shape::Function,
        "|outcome| outcome.is_ok()",
        "Which outcomes are kept, instead of the successful ones.",
    ),
    OptionSpec::call(
        "store",
        Shape::Expression,
        "MyStore::new()",
        "Where the values are kept, instead of in a store of our own.",
    ),
    OptionSpec::call(
        "on_hit",
        Shape::Listener,
        "|event| ..",
        "Called when a call is answered without running.",
    ),
    OptionSpec::call("on_miss", Shape::Listener, "|event| ..", "Called when a call has to run."),
    OptionSpec::call(
        "on_cached",
        Shape::Listener,
        "|event| ..",
        "Called when the outcome of a call is kept.",
    ),
];
