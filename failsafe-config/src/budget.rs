use crate::fault::demand;
use crate::spec::{OnFailure, OptionSpec, PolicySpec, Rejection, Runs, Shape, policy_config};
use crate::{Fault, Rate, Value};

/// What a budget can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetConfig {
    max_rate: Rate,
    min_concurrency: u32,
}

impl BudgetConfig {
    /// The table of the options.
    pub const SPEC: PolicySpec = PolicySpec {
        name: "budget",
        type_name: "Budget",
        blank: || Box::new(BudgetConfig::new()),
        positional: None,
        options: &[
            OptionSpec::config(
                "max_rate",
                Some("max_rate"),
                "\"20%\"",
                "0.2",
                "How large a share of all executions under way the extra ones may be before further ones are refused.",
            ),
            OptionSpec::config(
                "min_concurrency",
                Some("min_concurrency"),
                "3",
                "5",
                "Up to so many extra executions at once, whatever their share.",
            ),
            OptionSpec::call(
                "on_budget_exceeded",
                Shape::Listener,
                "|event| ..",
                "Called when an extra execution was refused.",
            )
            .of_instance_if_free(),
        ],
        exclusive: &[],
        requires: &[],
        needs_one_of: None,
        stateful: true,
        twice: None,
        name_alone: crate::spec::NameAlone::Refers,
        runs: Runs::Once,
        rejects: Some(Rejection::of_kind("BudgetExceeded")),
        on_failure: OnFailure::Other,
        generic: false,
        needs_async: None,
        is_step: false,
    };

    /// A fifth of all executions, and always three.
    pub const fn new() -> Self {
        Self { max_rate: Rate::from_billionths(200_000_000), min_concurrency: 3 }
    }

    /// How large a share of all executions under way the extra ones may be, from 0 to 1.
    ///
    /// # Panics
    ///
    /// When it is not from 0 to 1.
    #[must_use]
    #[track_caller]
    pub const fn max_rate(self, share: f64) -> Self {
        demand(Self::max_rate_fault(share));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the share was just found to be from 0 to 1"
        )]
        let billionths = (share * 1e9 + 0.5) as u64;
        self.max_share(Rate::from_billionths(billionths))
    }

    /// The same, as a share.
    #[must_use]
    pub const fn max_share(mut self, share: Rate) -> Self {
        self.max_rate = share;
        self
    }

    /// So many extra executions may always be under way.
    #[must_use]
    pub const fn min_concurrency(mut self, min: u32) -> Self {
        self.min_concurrency = min;
        self
    }

    /// What is wrong with a share.
    pub const fn max_rate_fault(share: f64) -> Option<&'static str> {
        if share >= 0.0 && share <= 1.0 {
            return None;
        }
        Some("`max_rate` is a share of all executions, from 0 to 1: write 0.2 or \"20%\"")
    }

    /// How large a share of all executions under way the extra ones may be.
    pub const fn get_max_rate(&self) -> Rate {
        self.max_rate
    }

    /// How many extra executions may always be under way.
    pub const fn get_min_concurrency(&self) -> u32 {
        self.min_concurrency
    }

    /// Sets one option from what was written.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the value and what to write instead.
    pub fn set(&mut self, option: &str, value: &Value) -> Result<(), Fault> {
        match option {
            "max_rate" => self.max_rate = share(value)?,
            _ => self.min_concurrency = value.count()?,
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
        vec![
            ("Rate", self.max_rate.billionths(), 0),
            ("MinConcurrency", u64::from(self.min_concurrency), 0),
        ]
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        let mut calls = Vec::new();
        if self.max_rate != Self::new().max_rate {
            let billionths = self.max_rate.billionths();
            calls.push(format!(
                "max_share(::failsafe::config::Rate::from_billionths({billionths}))"
            ));
        }
        if self.min_concurrency != Self::new().min_concurrency {
            calls.push(format!("min_concurrency({})", self.min_concurrency));
        }
        calls
    }

    /// What it does, in words.
    pub fn summary(&self) -> String {
        let Self { max_rate, min_concurrency } = self;
        format!("extra executions up to {max_rate} of all, and always {min_concurrency}")
    }
}

policy_config!(BudgetConfig);

impl Default for BudgetConfig {
    fn default() -> Self {
        Self::new()
    }
}

fn share(value: &Value) -> Result<Rate, Fault> {
    Rate::read(value, BudgetConfig::max_rate_fault)
}

/// What a builder takes as a share: `0.2` or `"20%"`.
pub trait IntoMaxRate {
    /// The share.
    ///
    /// # Errors
    ///
    /// When it is not from 0 to 1, or cannot be read.
    fn into_max_rate(self) -> Result<Rate, Fault>;
}

impl IntoMaxRate for f64 {
    fn into_max_rate(self) -> Result<Rate, Fault> {
        share(&Value::Float(self))
    }
}

impl IntoMaxRate for &str {
    fn into_max_rate(self) -> Result<Rate, Fault> {
        share(&Value::Text(self.to_owned()))
    }
}

impl IntoMaxRate for Rate {
    fn into_max_rate(self) -> Result<Rate, Fault> {
        Ok(self)
    }
}
