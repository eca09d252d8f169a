mod drift;
mod rules;
mod table;

pub use drift::{Drift, IntoDrift};
pub use rules::{IntoFactors, IntoLimits};

use crate::fault::demand;
use crate::spec::policy_config;
use crate::{CallerOptions, DurationText, Fault, KeyBounds, Value};
use rules::{count_range, factor_range, number, whole};
use std::time::Duration;

/// The limit a limiter begins with, where it may.
const INITIAL: u32 = 20;

/// What an adaptive limiter can be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdaptiveLimiterConfig {
    limits: (u32, u32),
    initial: Option<u32>,
    max_limit_factor: f64,
    max_limit_factor_decay: f64,
    min_limit_factor: f64,
    stabilization: Duration,
    window: (Duration, Duration),
    samples: u32,
    quantile: f64,
    baseline: u32,
    baseline_drift: Option<Drift>,
    correlation: u32,
    shrink_when_idle: bool,
    queue: Option<(f64, f64)>,
    wait: Option<Duration>,
    keys: KeyBounds,
    caller: CallerOptions,
}

crate::key::bounded!(AdaptiveLimiterConfig);
crate::priority::said!(AdaptiveLimiterConfig);

macro_rules! setters {
    ($($(#[$doc:meta])* $option:ident: $type:ty, $fault:ident, $get:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Panics
        ///
        /// When it is out of range.
        #[must_use]
        #[track_caller]
        pub const fn $option(mut self, $option: $type) -> Self {
            demand(Self::$fault($option));
            self.$option = $option;
            self
        }

        $(#[$doc])*
        pub const fn $get(&self) -> $type {
            self.$option
        }
    )*};
}

impl AdaptiveLimiterConfig {
    setters! {
        /// The least and the greatest limit.
        limits: (u32, u32), limits_fault, get_limits;
        /// How many times the calls in flight the limit may be.
        max_limit_factor: f64, factor_fault, get_max_limit_factor;
        /// How much that factor falls with each power of ten of the calls in flight.
        max_limit_factor_decay: f64, decay_fault, get_max_limit_factor_decay;
        /// What the factor falls to at the most.
        min_limit_factor: f64, factor_fault, get_min_limit_factor;
        /// The shortest and the longest sampling window.
        window: (Duration, Duration), window_fault, get_window;
        /// How many samples a window has at the least.
        samples: u32, samples_fault, get_samples;
        /// Which quantile of a window stands for it.
        quantile: f64, quantile_fault, get_quantile;
        /// Over how many windows the baseline is averaged.
        baseline: u32, baseline_fault, get_baseline;
        /// Over how many windows correlations are computed.
        correlation: u32, correlation_fault, get_correlation;
    }

    /// From 1 to 200, beginning at 20.
    pub const fn new() -> Self {
        Self {
            limits: (1, 200),
            initial: None,
            max_limit_factor: 5.0,
            max_limit_factor_decay: 0.0,
            min_limit_factor: 1.0,
            stabilization: Duration::ZERO,
            window: (Duration::from_secs(1), Duration::from_secs(30)),
            samples: 50,
            quantile: 0.9,
            baseline: 10,
            baseline_drift: Some(Drift::DEFAULT),
            correlation: 50,
            shrink_when_idle: false,
            queue: None,
            wait: None,
            keys: KeyBounds::new(),
            caller: CallerOptions::new(),
        }
    }

    /// The limit it begins with.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub const fn initial(mut self, initial: u32) -> Self {
        demand(Self::initial_fault(initial));
        self.initial = Some(initial);
        self
    }

    /// For how long the most calls in flight bound the limit; zero is for one window.
    #[must_use]
    pub const fn stabilization(mut self, stabilization: Duration) -> Self {
        self.stabilization = stabilization;
        self
    }

    /// How far the baseline may rise in how much time; `None` is any way.
    #[must_use]
    pub const fn drift(mut self, drift: Option<Drift>) -> Self {
        self.baseline_drift = drift;
        self
    }

    /// The same, of a constant in an attribute.
    #[must_use]
    pub const fn baseline_drift(self, drift: Drift) -> Self {
        self.drift(Some(drift))
    }

    /// Whether the limit may fall while less than half of it is in use.
    #[must_use]
    pub const fn shrink_when_idle(mut self, shrink: bool) -> Self {
        self.shrink_when_idle = shrink;
        self
    }

    /// How long the queue is, in limits, when calls begin to be refused, and when all are.
    ///
    /// # Panics
    ///
    /// When one is below 1, or the second below the first.
    #[must_use]
    #[track_caller]
    pub const fn queue(mut self, queue: (f64, f64)) -> Self {
        demand(Self::queue_fault(queue));
        self.queue = Some(queue);
        self
    }

    /// How long a call may wait for a permit.
    #[must_use]
    pub const fn wait(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// The limit it begins with: 20 unless it was told, or the nearest that its limits allow.
    pub const fn get_initial(&self) -> u32 {
        let (least, most) = self.limits;
        match self.initial {
            Some(initial) => initial,
            None if most < INITIAL => most,
            None if least > INITIAL => least,
            None => INITIAL,
        }
    }

    /// For how long the most calls in flight bound the limit.
    pub const fn get_stabilization(&self) -> Duration {
        self.stabilization
    }

    /// How far the baseline may rise in how much time; `None` is any way.
    pub const fn get_baseline_drift(&self) -> Option<Drift> {
        self.baseline_drift
    }

    /// Whether the limit may fall while less than half of it is in use.
    pub const fn get_shrink_when_idle(&self) -> bool {
        self.shrink_when_idle
    }

    /// How long the queue is, in limits, when calls begin to be refused, and when all are; `None` is
    /// a queue of any length.
    pub const fn get_queue(&self) -> Option<(f64, f64)> {
        self.queue
    }

    /// How long a call may wait for a permit; `None` where nothing was said: without end where there
    /// is a queue, else not at all.
    pub const fn get_wait(&self) -> Option<Duration> {
        self.wait
    }

    /// What is wrong with the options together.
    ///
    /// # Errors
    ///
    /// When the limit would begin outside its bounds, or a queue is told that nobody may wait in it.
    pub fn check(&self) -> Result<(), Fault> {
        let (least, most) = self.limits;
        if let Some(initial) = self.initial.filter(|initial| !(least..=most).contains(initial)) {
            return Err(Fault::quoting(format!(
                "the limit begins at {initial}, outside of {least}..{most}: write an `initial` \
                 within `limits`"
            )));
        }
        if self.min_limit_factor > self.max_limit_factor {
            return Err(Fault::known(
                "`min_limit_factor` is what `max_limit_factor` decays to: it cannot be above it",
            ));
        }
        if self.queue.is_some() && self.wait.is_some_and(|wait| wait.is_zero()) {
            return Err(Fault::known(
                "a `wait` of 0 lets no call wait in the `queue`: remove one of them",
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
        let judged = |verdict| Fault::from_verdict(verdict);
        match option {
            "max_keys" | "key_idle" => self.keys.set(option, value)?,
            "priority" | "level" => self.caller.set(option, value)?,
            "limits" => {
                self.limits = count_range(value)?;
                judged(Self::limits_fault(self.limits))?;
            }
            "initial" => {
                let initial = value.count()?;
                judged(Self::initial_fault(initial))?;
                self.initial = Some(initial);
            }
            "max_limit_factor" => {
                self.max_limit_factor = number(value, "a factor such as 5 or 1.5")?;
                judged(Self::factor_fault(self.max_limit_factor))?;
            }
            "max_limit_factor_decay" => {
                self.max_limit_factor_decay = number(value, "a decay such as 1 or 0.5")?;
                judged(Self::decay_fault(self.max_limit_factor_decay))?;
            }
            "min_limit_factor" => {
                self.min_limit_factor = number(value, "a factor such as 2 or 1.5")?;
                judged(Self::factor_fault(self.min_limit_factor))?;
            }
            "stabilization" => self.stabilization = value.duration()?,
            "window" => {
                self.window = rules::duration_range(value)?;
                judged(Self::window_fault(self.window))?;
            }
            "samples" => {
                self.samples = value.count()?;
                judged(Self::samples_fault(self.samples))?;
            }
            "quantile" => {
                self.quantile = number(value, "a quantile such as 0.9")?;
                judged(Self::quantile_fault(self.quantile))?;
            }
            "baseline" => {
                self.baseline = whole(value, "windows")?;
                judged(Self::baseline_fault(self.baseline))?;
            }
            "correlation" => {
                self.correlation = whole(value, "windows")?;
                judged(Self::correlation_fault(self.correlation))?;
            }
            "baseline_drift" => self.baseline_drift = Drift::read(value)?,
            "shrink_when_idle" => self.shrink_when_idle = value.flag()?,
            "queue" => {
                let queue = factor_range(value)?;
                judged(Self::queue_fault(queue))?;
                self.queue = Some(queue);
            }
            _ => self.wait = Some(rules::wait(value)?),
        }
        Ok(())
    }

    /// The values that two declarations of one name must share.
    pub fn fingerprint(&self) -> Vec<(&'static str, u64, u64)> {
        use crate::duration::fingerprint;
        let halves = |number: f64| (number.to_bits() >> 32, number.to_bits() & u64::from(u32::MAX));
        let real = |name, number| (name, halves(number).0, halves(number).1);
        let (from, to) = self.queue.unwrap_or_default();
        let drift = self.baseline_drift;
        let rate = drift.map_or(u64::from(u32::MAX), |drift| drift.rate().billionths());
        let [max_keys, key_idle] = self.keys.fingerprint();
        vec![
            ("Limits", self.limits.0.into(), self.limits.1.into()),
            ("Initial", self.get_initial().into(), 0),
            real("LimitFactor", self.max_limit_factor),
            real("LimitDecay", self.max_limit_factor_decay),
            real("LeastFactor", self.min_limit_factor),
            fingerprint("Stabilization", Some(self.stabilization)),
            fingerprint("WindowFrom", Some(self.window.0)),
            fingerprint("WindowTo", Some(self.window.1)),
            ("Samples", self.samples.into(), self.correlation.into()),
            real("SampleQuantile", self.quantile),
            ("Baseline", self.baseline.into(), self.shrink_when_idle.into()),
            ("DriftRate", rate, 0),
            fingerprint("DriftPeriod", drift.map(Drift::period)),
            real("QueueFrom", from),
            real("QueueTo", to),
            fingerprint("PermitWait", self.wait),
            max_keys,
            key_idle,
        ]
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        use crate::duration::constant;
        let default = Self::new();
        let mut calls = Vec::new();
        let mut say = |differs: bool, call: String| {
            if differs {
                calls.push(call);
            }
        };
        let differs = |one: f64, other: f64| one.to_bits() != other.to_bits();
        let Self { limits, window, .. } = *self;
        say(limits != default.limits, format!("limits(({}, {}))", limits.0, limits.1));
        say(self.initial.is_some(), format!("initial({})", self.get_initial()));
        for (option, value, unsaid) in [
            ("max_limit_factor", self.max_limit_factor, default.max_limit_factor),
            ("max_limit_factor_decay", self.max_limit_factor_decay, default.max_limit_factor_decay),
            ("min_limit_factor", self.min_limit_factor, default.min_limit_factor),
            ("quantile", self.quantile, default.quantile),
        ] {
            say(differs(value, unsaid), format!("{option}({value:?})"));
        }
        let stabilization = constant(self.stabilization);
        say(!self.stabilization.is_zero(), format!("stabilization({stabilization})"));
        let ends = (constant(window.0), constant(window.1));
        say(window != default.window, format!("window(({}, {}))", ends.0, ends.1));
        for (option, value, unsaid) in [
            ("samples", self.samples, default.samples),
            ("baseline", self.baseline, default.baseline),
            ("correlation", self.correlation, default.correlation),
        ] {
            say(value != unsaid, format!("{option}({value})"));
        }
        let drift = drift::constant(self.baseline_drift);
        say(self.baseline_drift != default.baseline_drift, format!("drift({drift})"));
        say(self.shrink_when_idle, "shrink_when_idle(true)".to_owned());
        let (from, to) = self.queue.unwrap_or_default();
        say(self.queue.is_some(), format!("queue(({from:?}, {to:?}))"));
        let wait = constant(self.wait.unwrap_or_default());
        say(self.wait.is_some(), format!("wait({wait})"));
        calls.extend(self.keys.recipe());
        calls.extend(self.caller.recipe());
        calls
    }

    /// What it does, for the documentation of the function it stands on.
    pub fn summary(&self) -> String {
        let (least, most) = self.limits;
        let limit = format!("{least} to {most} calls at a time, as its latency allows");
        let limit = match self.queue {
            Some((from, to)) => format!("{limit}, queueing {from} to {to} times as many"),
            None => limit,
        };
        match self.wait {
            None | Some(Duration::ZERO) => limit,
            Some(Duration::MAX) => format!("{limit}, waiting without end"),
            Some(wait) => format!("{limit}, waiting up to {}", DurationText(wait)),
        }
    }
}

policy_config!(AdaptiveLimiterConfig {
    fn key_bounds(&self) -> KeyBounds {
        self.keys
    }
});

impl Default for AdaptiveLimiterConfig {
    fn default() -> Self {
        Self::new()
    }
}
