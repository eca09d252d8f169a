mod table;

use crate::fault::demand;
use crate::spec::policy_config;
use crate::{DurationText, Fault, Rate, Value};
use std::time::Duration;

/// How long to wait before a hedge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HedgeDelay {
    /// It is computed by code, or not known.
    Computed,
    /// Always the same time.
    Fixed(Duration),
    /// A quantile of how long earlier attempts took, above 0 and below 1.
    Quantile(f64),
}

/// What a hedge can be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HedgeConfig {
    delay: HedgeDelay,
    age: u32,
    threshold: u32,
    max: u32,
    first: bool,
}

impl HedgeConfig {
    /// One hedge, whose delay is still to be given; the first success ends the race.
    pub const fn new() -> Self {
        Self { delay: HedgeDelay::Computed, age: 30, threshold: 20, max: 1, first: false }
    }

    /// Waits this long before each hedge.
    #[must_use]
    pub const fn delay(mut self, delay: Duration) -> Self {
        self.delay = HedgeDelay::Fixed(delay);
        self
    }

    /// Waits as long as this share of earlier attempts took at most.
    ///
    /// # Panics
    ///
    /// When it is not above 0 and below 1.
    #[must_use]
    #[track_caller]
    pub const fn quantile(mut self, quantile: f64) -> Self {
        demand(Self::quantile_fault(quantile));
        self.delay = HedgeDelay::Quantile(quantile);
        self
    }

    /// Over about how many attempts the quantile is taken.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub const fn age(mut self, attempts: u32) -> Self {
        demand(Self::age_fault(attempts));
        self.age = attempts;
        self
    }

    /// After how many attempts the quantile is used.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub const fn threshold(mut self, attempts: u32) -> Self {
        demand(Self::threshold_fault(attempts));
        self.threshold = attempts;
        self
    }

    /// The most hedges of a call.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub const fn max(mut self, hedges: u32) -> Self {
        demand(Self::max_fault(hedges));
        self.max = hedges;
        self
    }

    /// Whether any outcome ends the race, a failure too.
    #[must_use]
    pub const fn first(mut self, first: bool) -> Self {
        self.first = first;
        self
    }

    /// What is wrong with a quantile.
    pub const fn quantile_fault(quantile: f64) -> Option<&'static str> {
        if quantile > 0.0 && quantile < 1.0 {
            return None;
        }
        Some(
            "a quantile is above 0 and below 1: 0.95 hedges calls that take longer than 95 % of \
             them do",
        )
    }

    /// What is wrong with an age.
    pub const fn age_fault(attempts: u32) -> Option<&'static str> {
        if attempts == 0 {
            return Some("`age = 0` looks at no attempt: write 1 or more, such as 30");
        }
        None
    }

    /// What is wrong with a threshold.
    pub const fn threshold_fault(attempts: u32) -> Option<&'static str> {
        if attempts == 0 {
            return Some("there is no quantile of 0 attempts: write `threshold = 1` or more");
        }
        None
    }

    /// What is wrong with a number of hedges.
    pub const fn max_fault(hedges: u32) -> Option<&'static str> {
        if hedges == 0 {
            return Some("`max = 0` never hedges: write 1 or more, or remove the hedge");
        }
        None
    }

    /// How long to wait before a hedge.
    pub const fn get_delay(&self) -> HedgeDelay {
        self.delay
    }

    /// Over about how many attempts the quantile is taken.
    pub const fn get_age(&self) -> u32 {
        self.age
    }

    /// After how many attempts the quantile is used.
    pub const fn get_threshold(&self) -> u32 {
        self.threshold
    }

    /// The most hedges of a call.
    pub const fn get_max(&self) -> u32 {
        self.max
    }

    /// Whether any outcome ends the race.
    pub const fn get_first(&self) -> bool {
        self.first
    }

    /// What is wrong with the options together: the table says all there is.
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
        let counted = |rule: fn(u32) -> Option<&'static str>| {
            let count = value.count()?;
            Fault::from_verdict(rule(count)).map(|()| count)
        };
        match option {
            "delay" => self.delay = HedgeDelay::Fixed(value.duration()?),
            "quantile" => self.delay = HedgeDelay::Quantile(quantile(value)?),
            "age" => self.age = counted(Self::age_fault)?,
            "threshold" => self.threshold = counted(Self::threshold_fault)?,
            "max" => self.max = counted(Self::max_fault)?,
            _ => self.first = value.flag()?,
        }
        Ok(())
    }

    /// The values that two declarations of one name must share.
    pub fn fingerprint(&self) -> Vec<(&'static str, u64, u64)> {
        let (delay, quantile) = match self.delay {
            HedgeDelay::Computed => (None, 0.0),
            HedgeDelay::Fixed(delay) => (Some(delay), 0.0),
            HedgeDelay::Quantile(quantile) => (None, quantile),
        };
        vec![
            ("Hedges", self.max.into(), self.first.into()),
            crate::duration::fingerprint("HedgeDelay", delay),
            ("Quantile", quantile.to_bits() >> 32, 0),
            ("QuantileOf", self.age.into(), self.threshold.into()),
        ]
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        let blank = Self::new();
        let mut calls = Vec::new();
        match self.delay {
            HedgeDelay::Computed => {}
            HedgeDelay::Fixed(delay) => {
                calls.push(format!("delay({})", crate::duration::constant(delay)));
            }
            HedgeDelay::Quantile(quantile) => calls.push(format!("quantile({quantile:?})")),
        }
        if self.age != blank.age {
            calls.push(format!("age({})", self.age));
        }
        if self.threshold != blank.threshold {
            calls.push(format!("threshold({})", self.threshold));
        }
        if self.max != blank.max {
            calls.push(format!("max({})", self.max));
        }
        if self.first {
            calls.push("first(true)".to_owned());
        }
        calls
    }

    /// What it does, for the documentation of the function it stands on.
    pub fn summary(&self) -> String {
        let hedges = match self.max {
            1 => "1 more attempt".to_owned(),
            max => format!("up to {max} more attempts"),
        };
        match self.delay {
            HedgeDelay::Computed => format!("{hedges} beside a slow one"),
            HedgeDelay::Fixed(delay) => format!("{hedges}, {} apart", DurationText(delay)),
            HedgeDelay::Quantile(quantile) => {
                format!("{hedges} beside one that takes longer than {quantile} of them do")
            }
        }
    }
}

policy_config!(HedgeConfig);

impl Default for HedgeConfig {
    fn default() -> Self {
        Self::new()
    }
}

fn quantile(value: &Value) -> Result<f64, Fault> {
    let of = |quantile: f64| {
        Fault::from_verdict(HedgeConfig::quantile_fault(quantile)).map(|()| quantile)
    };
    match value {
        Value::Float(quantile) => of(*quantile),
        Value::Int(percent @ 2..=99) => Err(Fault::quoting(format!(
            "`{percent}` is no quantile: write \"{percent}%\" or 0.{percent:02}"
        ))),
        #[expect(clippy::cast_precision_loss, reason = "no whole number is a quantile")]
        Value::Int(number) => of(*number as f64),
        #[expect(clippy::cast_precision_loss, reason = "a billion is exact")]
        Value::Text(text) if text.trim().ends_with('%') => {
            of(Rate::parse_percent(text)?.billionths() as f64 / 1e9)
        }
        other => Err(Fault::quoting(format!(
            "expected a quantile such as 0.95 or \"95%\", found {other}{}",
            other.unquoted_number()
        ))),
    }
}

/// What a builder takes as a quantile: `0.95` or `"95%"`.
pub trait IntoQuantile {
    /// The quantile.
    ///
    /// # Errors
    ///
    /// When it is not above 0 and below 1, or cannot be read.
    fn into_quantile(self) -> Result<f64, Fault>;
}

impl IntoQuantile for f64 {
    fn into_quantile(self) -> Result<f64, Fault> {
        quantile(&Value::Float(self))
    }
}

impl IntoQuantile for &str {
    fn into_quantile(self) -> Result<f64, Fault> {
        quantile(&Value::Text(self.to_owned()))
    }
}
