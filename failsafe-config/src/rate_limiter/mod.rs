mod pace;
mod table;

pub use pace::{IntoPace, Pace};

use crate::fault::demand;
use crate::spec::policy_config;
use crate::{DurationText, Fault, KeyBounds, Value};
use std::time::Duration;

/// What a rate limiter can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimiterConfig {
    limit: Limit,
    wait: Duration,
    /// What every call needs, whatever it says.
    permits: Option<u32>,
    keys: KeyBounds,
}

crate::key::bounded!(RateLimiterConfig);

/// How permits come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    /// Nothing was said: there are always enough.
    Unlimited,
    /// One by one.
    Smooth(Pace),
    /// All at once, at the start of each period.
    Bursty(Pace),
}

impl RateLimiterConfig {
    /// A configuration whose rate is still to be given; it lets everything through.
    pub const fn new() -> Self {
        Self {
            limit: Limit::Unlimited,
            wait: Duration::ZERO,
            permits: None,
            keys: KeyBounds::new(),
        }
    }

    /// Permits come one by one, in equal intervals.
    ///
    /// # Panics
    ///
    /// When the interval is below a nanosecond.
    #[must_use]
    #[track_caller]
    pub const fn smooth(mut self, pace: Pace) -> Self {
        demand(pace.smooth_fault());
        self.limit = Limit::Smooth(pace);
        self
    }

    /// All permits of a period come at its start.
    #[must_use]
    pub const fn bursty(mut self, pace: Pace) -> Self {
        demand(pace.fault());
        self.limit = Limit::Bursty(pace);
        self
    }

    /// How long a call may wait for its permits.
    #[must_use]
    pub const fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// How many permits every call needs, instead of what it says itself.
    #[must_use]
    pub const fn permits(mut self, permits: u32) -> Self {
        self.permits = Some(permits);
        self
    }

    /// How many permits every call needs; `None` is what it says itself.
    pub const fn get_permits(&self) -> Option<u32> {
        self.permits
    }

    /// The rate, if permits come one by one.
    pub const fn get_smooth(&self) -> Option<Pace> {
        match self.limit {
            Limit::Smooth(pace) => Some(pace),
            _ => None,
        }
    }

    /// The rate, if the permits of a period come at its start.
    pub const fn get_bursty(&self) -> Option<Pace> {
        match self.limit {
            Limit::Bursty(pace) => Some(pace),
            _ => None,
        }
    }

    /// How long a call may wait for its permits.
    pub const fn get_wait(&self) -> Duration {
        self.wait
    }

    /// The rate as periods and what each of them holds: a smooth one holds one permit. `None` is no
    /// limit.
    pub const fn periods(&self) -> Option<(u32, Duration)> {
        match self.limit {
            Limit::Unlimited => None,
            Limit::Smooth(pace) => Some((1, pace.interval())),
            Limit::Bursty(pace) => Some((pace.permits(), pace.period())),
        }
    }

    /// What is wrong with calls that need so many permits: they may need to wait longer than they
    /// may, whenever they come.
    ///
    /// # Errors
    ///
    /// When no call can ever go.
    pub fn check_permits(&self, permits: u32) -> Result<(), Fault> {
        let Some((max, period)) = self.periods() else { return Ok(()) };
        // One that comes at the very end of a period waits for the periods after the next.
        let further = permits.saturating_sub(1) / max;
        if further == 0 || self.wait > period.saturating_mul(further - 1) {
            return Ok(());
        }
        let needed = DurationText(period.saturating_mul(further));
        let wait = match self.wait {
            Duration::ZERO => "it may not wait".to_owned(),
            wait => format!("it may wait {}", DurationText(wait)),
        };
        let holds = match max {
            1 => format!("1 permit comes every {}", DurationText(period)),
            max => format!("{max} permits come every {}", DurationText(period)),
        };
        Err(Fault::quoting(format!(
            "a call that needs {permits} permits never gets them: {holds}, and {wait}; write \
             `wait = \"{needed}\"` or longer, or fewer permits"
        )))
    }

    /// What is wrong with the options together.
    ///
    /// # Errors
    ///
    /// When calls are told that they need more permits than they can ever have.
    pub fn check(&self) -> Result<(), Fault> {
        self.permits.map_or(Ok(()), |permits| self.check_permits(permits))
    }

    /// Sets one option from what was written.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the value and what to write instead.
    pub fn set(&mut self, option: &str, value: &Value) -> Result<(), Fault> {
        match option {
            "max_keys" | "key_idle" => self.keys.set(option, value)?,
            "permits" => self.permits = Some(value.count()?),
            "smooth" => {
                let pace = Pace::read(value)?;
                Fault::from_verdict(pace.smooth_fault())?;
                self.limit = Limit::Smooth(pace);
            }
            "bursty" => self.limit = Limit::Bursty(Pace::read(value)?),
            _ => self.wait = value.duration()?,
        }
        Ok(())
    }

    /// The values that two declarations of one name must share.
    pub fn fingerprint(&self) -> Vec<(&'static str, u64, u64)> {
        use crate::duration::fingerprint;
        let period = |pace: Option<Pace>| pace.map(|pace| pace.period());
        let permits = |pace: Option<Pace>| pace.map_or(0, |pace| pace.permits());
        let (smooth, bursty) = (self.get_smooth(), self.get_bursty());
        let [max_keys, key_idle] = self.keys.fingerprint();
        vec![
            ("Permits", permits(smooth).into(), permits(bursty).into()),
            fingerprint("Smooth", period(smooth)),
            fingerprint("Bursty", period(bursty)),
            fingerprint("Wait", Some(self.wait)),
            max_keys,
            key_idle,
        ]
    }

    /// The calls of `const` setters that make this configuration from a new one.
    pub fn recipe(&self) -> Vec<String> {
        use crate::duration::constant;
        let pace = |pace: Pace| {
            let (permits, period) = (pace.permits(), constant(pace.period()));
            format!("::failsafe::config::Pace::new({permits}, {period})")
        };
        let mut calls = Vec::new();
        match self.limit {
            Limit::Unlimited => {}
            Limit::Smooth(smooth) => calls.push(format!("smooth({})", pace(smooth))),
            Limit::Bursty(bursty) => calls.push(format!("bursty({})", pace(bursty))),
        }
        if !self.wait.is_zero() {
            calls.push(format!("wait({})", constant(self.wait)));
        }
        calls.extend(self.permits.map(|permits| format!("permits({permits})")));
        calls.extend(self.keys.recipe());
        calls
    }

    /// What it does, for the documentation of the function it stands on.
    pub fn summary(&self) -> String {
        let limit = match self.limit {
            Limit::Unlimited => "no limit".to_owned(),
            Limit::Smooth(pace) => format!("at most {pace}, evenly"),
            Limit::Bursty(pace) => format!("at most {pace}, in bursts"),
        };
        if self.wait.is_zero() {
            return limit;
        }
        format!("{limit}, waiting up to {}", DurationText(self.wait))
    }
}

policy_config!(RateLimiterConfig {
    fn key_bounds(&self) -> KeyBounds {
        self.keys
    }
});

impl Default for RateLimiterConfig {
    fn default() -> Self {
        Self::new()
    }
}
