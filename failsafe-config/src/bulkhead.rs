use crate::fault::demand;
use crate::key;
use crate::spec::{OnFailure, OptionSpec, PolicySpec, Rejection, Runs, Shape, policy_config};
use crate::{DurationText, Fault, KeyBounds, Value};
use std::time::Duration;

/// What a bulkhead can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkheadConfig {
    max: u32,
    wait: Duration,
    queue: Option<u32>,
    keys: KeyBounds,
}

key::bounded!(BulkheadConfig);

impl BulkheadConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "bulkhead",
        type_name: "Bulkhead",
        blank: || Box::new(BulkheadConfig::new()),
        positional: Some("max"),
        options: OPTIONS,
        exclusive: &[],
        requires: &[
            (
                "queue",
                &["wait"],
                "`queue` bounds the calls that wait, and none does: add `wait`, such as \
                 `wait = \"1s\"`, or remove it",
            ),
            key::MAX_KEYS_NEEDS_KEY,
            key::KEY_IDLE_NEEDS_KEY,
        ],
        needs_one_of: Some((&["max"], "write how many calls may run at a time: `bulkhead(10)`")),
        stateful: true,
        twice: Some("each call would need two of its places"),
        name_alone: crate::spec::NameAlone::Refers,
        runs: Runs::Once,
        rejects: Some(Rejection::of_kind("BulkheadFull")),
        on_failure: OnFailure::Other,
        generic: false,
        needs_async: None,
        is_step: false,
    };

    /// A configuration whose number of places is still to be given; it lets everything through.
    pub const fn new() -> Self {
        Self { max: u32::MAX, wait: Duration::ZERO, queue: None, keys: KeyBounds::new() }
    }

    /// How many calls may run at a time.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub const fn max(mut self, max: u32) -> Self {
        demand(Self::max_fault(max));
        self.max = max;
        self
    }

    /// How long a call may wait for a place.
    #[must_use]
    pub const fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// How many calls may wait at a time.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub const fn queue(mut self, queue: u32) -> Self {
        demand(Self::queue_fault(queue));
        self.queue = Some(queue);
        self
    }

    /// What is wrong with a number of places.
    pub const fn max_fault(max: u32) -> Option<&'static str> {
        if max == 0 {
            return Some("a bulkhead without a place lets no call through: write 1 or more");
        }
        None
    }

    /// What is wrong with a number of calls that may wait.
    pub const fn queue_fault(queue: u32) -> Option<&'static str> {
        if queue == 0 {
            return Some(
                "a queue of 0 lets no call wait: write 1 or more, or remove `queue` and `wait`",
            );
        }
        None
    }

    /// How many calls may run at a time.
    pub const fn get_max(&self) -> u32 {
        self.max
    }

    /// How long a call may wait for a place.
    pub const fn get_wait(&self) -> Duration {
        self.wait
    }

    /// How many calls may wait at a time; `None` is any number.
    pub const fn get_queue(&self) -> Option<u32> {
        self.queue
    }

    /// What is wrong with the options together.
    ///
    /// # Errors
    ///
    /// When calls may be queued that may not wait.
    pub fn check(&self) -> Result<(), Fault> {
        if self.queue.is_some() && self.wait.is_zero() {
            return Err(Fault::known(
                "`queue` bounds the calls that wait, and a `wait` of 0 lets none: write a longer \
                 one, or remove `queue`",
            ));
        }
        Ok(())
    }

    /// Sets one option from what was written.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the value and what to write instead.
    pub fn set(&mut self, option: &str, value: &Value) -> Result<(), Fault> {
        match option {
            "max_keys" | "key_idle" => self.keys.set(option, value)?,
            "max" => {
                let max = value.count()?;
                Fault::from_verdict(Self::max_fault(max))?;
                self.max = max;
            }
            "wait" => self.wait = value.duration()?,
            _ => {
                let queue = value.count()?;
                Fault::from_verdict(Self::queue_fault(queue))?;
                self.queue = Some(queue);
            }
        }
        Ok(())
    }

    /// The values that two declarations of one name must share.
    pub fn fingerprint(&self) -> Vec<(&'static str, u64, u64)> {
        let [max_keys, key_idle] = self.keys.fingerprint();
        vec![
            ("Places", self.max.into(), self.queue.unwrap_or(0).into()),
            crate::duration::fingerprint("PlaceWait", Some(self.wait)),
            max_keys,
            key_idle,
        ]
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        let mut calls = Vec::new();
        if self.max != u32::MAX {
            calls.push(format!("max({})", self.max));
        }
        if !self.wait.is_zero() {
            calls.push(format!("wait({})", crate::duration::constant(self.wait)));
        }
        if let Some(queue) = self.queue {
            calls.push(format!("queue({queue})"));
        }
        calls.extend(self.keys.recipe());
        calls
    }

    /// What it does, for the documentation of the function it stands on.
    pub fn summary(&self) -> String {
        let places = format!("at most {} at a time", self.max);
        if self.wait.is_zero() {
            return places;
        }
        let wait = DurationText(self.wait);
        match self.queue {
            None => format!("{places}, waiting up to {wait}"),
            Some(queue) => format!("{places}, up to {queue} more waiting up to {wait}"),
        }
    }
}

policy_config!(BulkheadConfig {
    fn key_bounds(&self) -> KeyBounds {
        self.keys
    }
});

impl Default for BulkheadConfig {
    fn default() -> Self {
        Self::new()
    }
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::config(
        "max",
        Some("max"),
        "",
        "10",
        "How many calls may run at a time; may be written first, without its name.",
    ),
    OptionSpec::config(
        "wait",
        Some("wait"),
        "\"0s\"",
        "\"500ms\"",
        "How long a call may wait for a place.",
    ),
    OptionSpec::config(
        "queue",
        Some("queue"),
        "",
        "20",
        "How many calls may wait at a time; without it any number.",
    ),
    OptionSpec::call(
        "key",
        Shape::Expression,
        "tenant",
        "One bulkhead for each value of this expression.",
    ),
    key::MAX_KEYS,
    key::KEY_IDLE,
    OptionSpec::call("on_full", Shape::Listener, "|event| ..", "Called when a call is refused."),
];
