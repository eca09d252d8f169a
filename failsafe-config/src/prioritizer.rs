use crate::fault::demand;
use crate::spec::{OnFailure, OptionSpec, PolicySpec, Runs, Shape, policy_config};
use crate::{DurationText, Fault, Value};
use std::time::Duration;

/// What a prioritizer can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrioritizerConfig {
    window: u32,
    every: Duration,
    usage_window: Option<Duration>,
    max_users: u32,
}

/// The most levels that can be remembered.
const MOST_LEVELS: u32 = 1_000_000;

impl PrioritizerConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "prioritizer",
        type_name: "Prioritizer",
        blank: || Box::new(PrioritizerConfig::new()),
        positional: None,
        options: &[
            OptionSpec::config(
                "window",
                Some("window"),
                "1000",
                "1000",
                "The levels of how many calls it remembers.",
            ),
            OptionSpec::config(
                "every",
                Some("every"),
                "\"500ms\"",
                "\"1s\"",
                "How often it is calibrated, with the calls that ask.",
            ),
            OptionSpec::config(
                "usage_window",
                Some("usage_window"),
                "",
                "\"1m\"",
                "Refuses heavy users before light ones of the same priority, by what they used in so long.",
            ),
            OptionSpec::config(
                "max_users",
                Some("max_users"),
                "1000",
                "1000",
                "How many users it remembers.",
            ),
            OptionSpec::call(
                "on_threshold_changed",
                Shape::Listener,
                "|event| ..",
                "Called after the threshold changed.",
            )
            .of_instance_if_free(),
        ],
        exclusive: &[],
        requires: &[(
            "max_users",
            &["usage_window"],
            "`max_users` bounds the users whose usage is tracked, and none is: add `usage_window = \
             \"1m\"` or remove it",
        )],
        needs_one_of: None,
        stateful: true,
        twice: None,
        name_alone: crate::spec::NameAlone::Refers,
        runs: Runs::Once,
        rejects: None,
        on_failure: OnFailure::Other,
        generic: false,
        needs_async: None,
        is_step: false,
    };

    /// Remembers 1000 levels, is calibrated every 500 milliseconds, and tracks no users.
    pub const fn new() -> Self {
        Self {
            window: 1000,
            every: Duration::from_millis(500),
            usage_window: None,
            max_users: 1000,
        }
    }

    /// The levels of how many calls it remembers.
    ///
    /// # Panics
    ///
    /// When it is 0, or above a million.
    #[must_use]
    #[track_caller]
    pub const fn window(mut self, window: u32) -> Self {
        demand(Self::window_fault(window));
        self.window = window;
        self
    }

    /// How often it is calibrated.
    ///
    /// # Panics
    ///
    /// When it is zero.
    #[must_use]
    #[track_caller]
    pub const fn every(mut self, every: Duration) -> Self {
        demand(Self::every_fault(every));
        self.every = every;
        self
    }

    /// In how long a time usage counts.
    ///
    /// # Panics
    ///
    /// When it is shorter than 30 nanoseconds.
    #[must_use]
    #[track_caller]
    pub const fn usage_window(mut self, window: Duration) -> Self {
        demand(Self::usage_window_fault(window));
        self.usage_window = Some(window);
        self
    }

    /// How many users it remembers.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub const fn max_users(mut self, max: u32) -> Self {
        demand(Self::max_users_fault(max));
        self.max_users = max;
        self
    }

    /// What is wrong with a number of levels.
    pub const fn window_fault(window: u32) -> Option<&'static str> {
        match window {
            0 => Some("a prioritizer that remembers no call finds no threshold: write 1 or more"),
            1..=MOST_LEVELS => None,
            _ => Some("a window of more than 1000000 calls is too large: write 1000000 or less"),
        }
    }

    /// What is wrong with a time between calibrations.
    pub const fn every_fault(every: Duration) -> Option<&'static str> {
        if every.is_zero() {
            return Some(
                "`every` of zero would calibrate with every call: write how often, such as \"500ms\"",
            );
        }
        None
    }

    /// What is wrong with a time in which usage counts.
    pub const fn usage_window_fault(window: Duration) -> Option<&'static str> {
        if window.as_nanos() < 30 {
            return Some(
                "the usage window is too short: it is cut into thirty slices, so it is at least 30ns",
            );
        }
        None
    }

    /// What is wrong with a number of users.
    pub const fn max_users_fault(max: u32) -> Option<&'static str> {
        if max == 0 {
            return Some("`max_users = 0` tracks no user: write 1 or more");
        }
        None
    }

    /// The levels of how many calls it remembers.
    pub const fn get_window(&self) -> u32 {
        self.window
    }

    /// How often it is calibrated.
    pub const fn get_every(&self) -> Duration {
        self.every
    }

    /// In how long a time usage counts, if it does.
    pub const fn get_usage_window(&self) -> Option<Duration> {
        self.usage_window
    }

    /// How many users it remembers.
    pub const fn get_max_users(&self) -> u32 {
        self.max_users
    }

    /// Sets one option from what was written.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the value and what to write instead.
    pub fn set(&mut self, option: &str, value: &Value) -> Result<(), Fault> {
        match option {
            "window" => {
                let window = value.count()?;
                Fault::from_verdict(Self::window_fault(window))?;
                self.window = window;
            }
            "every" => {
                let every = value.duration()?;
                Fault::from_verdict(Self::every_fault(every))?;
                self.every = every;
            }
            "usage_window" => {
                let window = value.duration()?;
                Fault::from_verdict(Self::usage_window_fault(window))?;
                self.usage_window = Some(window);
            }
            _ => {
                let max = value.count()?;
                Fault::from_verdict(Self::max_users_fault(max))?;
                self.max_users = max;
            }
        }
        Ok(())
    }

    /// What is wrong with the options together: nothing can be.
    ///
    /// # Errors
    ///
    /// Never.
    pub fn check(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// The values that two declarations of one name must share.
    pub fn fingerprint(&self) -> Vec<(&'static str, u64, u64)> {
        use crate::duration::fingerprint;
        vec![
            ("Remembered", self.window.into(), self.max_users.into()),
            fingerprint("Every", Some(self.every)),
            fingerprint("UsageWindow", self.usage_window),
        ]
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        use crate::duration::constant;
        let (mut calls, new) = (Vec::new(), Self::new());
        if self.window != new.window {
            calls.push(format!("window({})", self.window));
        }
        if self.every != new.every {
            calls.push(format!("every({})", constant(self.every)));
        }
        if let Some(window) = self.usage_window {
            calls.push(format!("usage_window({})", constant(window)));
        }
        if self.max_users != new.max_users {
            calls.push(format!("max_users({})", self.max_users));
        }
        calls
    }

    /// What it does, in words.
    pub fn summary(&self) -> String {
        let every = DurationText(self.every);
        let users = if self.usage_window.is_some() { ", and by users" } else { "" };
        format!("by the levels of the last {} calls, every {every}{users}", self.window)
    }
}

policy_config!(PrioritizerConfig);

impl Default for PrioritizerConfig {
    fn default() -> Self {
        Self::new()
    }
}
