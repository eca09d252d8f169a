mod table;
mod threshold;

pub use threshold::{Failures, IntoFailures, IntoSuccesses, Successes};

use crate::fault::demand;
use crate::spec::policy_config;
use crate::{DurationText, Fault, KeyBounds, Value};
use std::time::Duration;

/// What a circuit breaker can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitBreakerConfig {
    failures: Failures,
    successes: Option<Successes>,
    delay: Duration,
    slow: Option<Duration>,
    keys: KeyBounds,
}

crate::key::bounded!(CircuitBreakerConfig);

impl CircuitBreakerConfig {
    /// Opens after one failure, for one minute.
    pub const fn new() -> Self {
        Self {
            failures: Failures::Count { failures: 1, of: 1 },
            successes: None,
            delay: Duration::from_secs(60),
            slow: None,
            keys: KeyBounds::new(),
        }
    }

    /// When it opens.
    ///
    /// # Panics
    ///
    /// When the threshold cannot be met.
    #[must_use]
    #[track_caller]
    pub const fn threshold(mut self, failures: Failures) -> Self {
        demand(failures.fault());
        self.failures = failures;
        self
    }

    /// Opens after this many failures in a row.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub const fn failures(self, failures: u32) -> Self {
        self.threshold(Failures::Count { failures, of: failures })
    }

    /// When a half-open breaker closes; without it the failure threshold decides.
    ///
    /// # Panics
    ///
    /// When it cannot be met.
    #[must_use]
    #[track_caller]
    pub const fn success_threshold(mut self, successes: Successes) -> Self {
        demand(successes.fault());
        self.successes = Some(successes);
        self
    }

    /// Closes after this many successful trial calls in a row.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub const fn successes(self, successes: u32) -> Self {
        self.success_threshold(Successes { successes, of: successes })
    }

    /// How long it stays open.
    #[must_use]
    pub const fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Counts calls that take longer than this as failures.
    ///
    /// # Panics
    ///
    /// When it is zero.
    #[must_use]
    #[track_caller]
    pub const fn slow(mut self, slow: Duration) -> Self {
        demand(Self::slow_fault(slow));
        self.slow = Some(slow);
        self
    }

    /// What is wrong with a limit for slow calls.
    pub const fn slow_fault(slow: Duration) -> Option<&'static str> {
        if slow.is_zero() {
            return Some("`slow` of zero makes every call a failure: write how long is too slow");
        }
        None
    }

    /// When it opens.
    pub const fn get_failures(&self) -> Failures {
        self.failures
    }

    /// When a half-open breaker closes.
    pub const fn get_successes(&self) -> Option<Successes> {
        self.successes
    }

    /// How long it stays open.
    pub const fn get_delay(&self) -> Duration {
        self.delay
    }

    /// Which calls are too slow.
    pub const fn get_slow(&self) -> Option<Duration> {
        self.slow
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
        match option {
            "max_keys" | "key_idle" => self.keys.set(option, value)?,
            "failures" => self.failures = Failures::read(value)?,
            "successes" => self.successes = Some(Successes::read(value)?),
            "delay" => self.delay = value.duration()?,
            _ => {
                let slow = value.duration()?;
                Fault::from_verdict(Self::slow_fault(slow))?;
                self.slow = Some(slow);
            }
        }
        Ok(())
    }

    /// The values that two declarations of one name must share.
    pub fn fingerprint(&self) -> Vec<(&'static str, u64, u64)> {
        use crate::duration::fingerprint;
        let (failures, of, rate, period) = match self.failures {
            Failures::Count { failures, of } => (failures, of, 0, None),
            Failures::Period { failures, period } => (failures, 0, 0, Some(period)),
            Failures::Rate { rate, of, period } => (0, of, rate.billionths(), period),
        };
        let successes = self.successes.unwrap_or(Successes { successes: 0, of: 0 });
        let [max_keys, key_idle] = self.keys.fingerprint();
        vec![
            ("Failures", failures.into(), of.into()),
            ("Rate", rate, 0),
            fingerprint("Period", period),
            ("Successes", successes.successes.into(), successes.of.into()),
            fingerprint("Delay", Some(self.delay)),
            fingerprint("Slow", self.slow),
            max_keys,
            key_idle,
        ]
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        use crate::duration::constant;
        const TYPES: &str = "::failsafe::config";
        let mut calls = Vec::new();
        match self.failures {
            Failures::Count { failures: 1, of: 1 } => {}
            Failures::Count { failures, of } if failures == of => {
                calls.push(format!("failures({failures})"));
            }
            Failures::Count { failures, of } => calls.push(format!(
                "threshold({TYPES}::Failures::Count {{ failures: {failures}, of: {of} }})"
            )),
            Failures::Period { failures, period } => calls.push(format!(
                "threshold({TYPES}::Failures::Period {{ failures: {failures}, period: {} }})",
                constant(period)
            )),
            Failures::Rate { rate, of, period } => {
                let period = period.map_or_else(
                    || "::core::option::Option::None".to_owned(),
                    |period| format!("::core::option::Option::Some({})", constant(period)),
                );
                calls.push(format!(
                    "threshold({TYPES}::Failures::Rate {{ rate: {TYPES}::Rate::from_billionths({}), \
                     of: {of}, period: {period} }})",
                    rate.billionths()
                ));
            }
        }
        match self.successes {
            None => {}
            Some(Successes { successes, of }) if successes == of => {
                calls.push(format!("successes({successes})"));
            }
            Some(Successes { successes, of }) => calls.push(format!(
                "success_threshold({TYPES}::Successes {{ successes: {successes}, of: {of} }})"
            )),
        }
        if self.delay != Duration::from_secs(60) {
            calls.push(format!("delay({})", constant(self.delay)));
        }
        if let Some(slow) = self.slow {
            calls.push(format!("slow({})", constant(slow)));
        }
        calls.extend(self.keys.recipe());
        calls
    }

    /// What it does, for the documentation of the function it stands on.
    pub fn summary(&self) -> String {
        format!("opens after {} for {}", self.failures, DurationText(self.delay))
    }
}

policy_config!(CircuitBreakerConfig {
    fn key_bounds(&self) -> KeyBounds {
        self.keys
    }
});

impl Default for CircuitBreakerConfig {
    fn default() -> Self {
        Self::new()
    }
}
