//! # Prioritizer
//!
//! Finds out which calls to refuse while adaptive policies shed load: the less important ones, and
//! of equally important ones those of the heaviest users.
//!
//! It is no policy by itself: adaptive policies join one, `#[adaptive_throttler(prioritizer = ..)]`
//! or `.prioritizer(..)` of a builder, and several of them can share one, so that all of them shed
//! the same calls.
//!
//! ```
//! # use failsafe_runtime::{Level, Prioritizer, Priority};
//! let prioritizer = Prioritizer::builder().window(500).every("1s").build();
//! assert_eq!(prioritizer.rejection_threshold(), Level::MIN); // everybody is let through
//! ```
//!
//! ## How it decides
//!
//! It remembers the [levels](crate::priority) of the last calls (`window`). A calibration asks the
//! policies how hard they are pressed, which gives the share of calls that is too many:
//!
//! - of policies that queue calls, by the sum of their queues: none while they are shorter than where
//!   they begin to refuse, all when they are full, and evenly in between;
//! - of policies that count failures, the mean of their rejection rates, weighted by their calls, and
//!   at most the least of what they may refuse;
//! - of both kinds, the greater share.
//!
//! The threshold is the level that this share of the remembered calls is at or below; calls of lower
//! levels are refused. A share of nothing has no threshold: everybody is let through.
//!
//! It is calibrated with the first call that asks after `every` has passed, so that nothing need run
//! in between. [`Prioritizer::calibrate`] does it at once, [`Prioritizer::schedule`] also while no
//! calls come.
//!
//! With a `usage_window` it tracks what users use, and a call with a user and a priority has the
//! level of the user within the priority: the top of it for the lightest user, the bottom for the
//! heaviest (see [`UsageTracker`](crate::priority::UsageTracker)).
//!
//! The rules are those of failsafe-go, which never calibrates by itself.
//!
//! ## Defaults
//!
//! | option | default | unit |
//! |---|---|---|
//! | `window` | 1000 | calls |
//! | `every` | `"500ms"` | duration |
//! | `usage_window` | none: users are all the same | duration |
//! | `max_users` | 1000 | users |
//!
//! ## Events
//!
//! `threshold_changed`. Listeners: `on_threshold_changed`.
//!
//! ## At run time
//!
//! An instance takes a change of its settings at once. It keeps its threshold until it is calibrated
//! again, the last levels of calls where `window` changes, and what users used as far as it is in the
//! new `usage_window`; without one it forgets that.
//!
//! Switched off, its policies decide as if they had none. When it only observes, they do too, and it goes
//! on to count, to calibrate and to tell `threshold_changed`.
//!
//! ## Cancel safety
//!
//! A calibration does not wait for anything. Policies are watched without being kept alive: one that
//! is dropped, or whose key is evicted, no longer counts.
//!
//! ## Order
//!
//! It has no place of its own in a stack.

mod builder;
mod core;
mod event;
mod instance;
mod membership;
mod trackers;
mod usage;

pub use builder::PrioritizerBuilder;
pub use event::{Listeners, ThresholdChanged};

#[allow(unused_imports, reason = "the queue is for policies that queue calls")]
pub(crate) use core::{Failures, Pressure, Queue};
pub(crate) use instance::{Instance, Prioritized};
pub(crate) use membership::Membership;
pub(crate) use usage::InUse;

use crate::as_policy::AsPolicy;
use crate::attempt::Counters;
use crate::priority::Level;
use crate::registry::Registry;
use crate::site::Declaration;
use crate::source::{Declarable, Source};
use crate::stateful::Stateful;
use failsafe_config::PrioritizerConfig;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::task::JoinHandle;

/// A prioritizer: a handle of one; clones share its state.
///
/// ```
/// # use failsafe_runtime::{Level, Prioritizer};
/// let prioritizer = Prioritizer::builder().window(100).build();
/// prioritizer.calibrate();
/// assert_eq!(prioritizer.rejection_rate(), 0.0);
/// assert_eq!(prioritizer.rejection_threshold(), Level::MIN);
/// assert_eq!(prioritizer.policies(), 0);
/// ```
pub struct Prioritizer {
    source: Source<Instance>,
}

impl Prioritizer {
    /// A prioritizer as `policy!` declares it.
    #[doc(hidden)]
    pub const fn declared((declaration, _): (&'static Declaration, PrioritizerConfig)) -> Self {
        Self { source: Source::Declared(declaration, OnceLock::new()) }
    }

    /// Builds a prioritizer at run time.
    pub const fn builder() -> PrioritizerBuilder {
        PrioritizerBuilder::new()
    }

    /// The instance of the registry in force.
    pub(crate) fn shared(&self) -> Arc<Instance> {
        self.source.share()
    }

    /// Its name: the one it was given, or the path of its static.
    pub fn name(&self) -> String {
        self.source.look(|instance| instance.name().to_owned())
    }

    /// What it was told.
    pub fn config(&self) -> PrioritizerConfig {
        self.source.look(|instance| *instance.config())
    }

    /// The share of calls that is too many, from 0 to 1, as of the last calibration.
    pub fn rejection_rate(&self) -> f64 {
        self.source.look(Instance::rejection_rate)
    }

    /// The level below which calls are refused, as of the last calibration.
    pub fn rejection_threshold(&self) -> Level {
        self.source.look(Instance::threshold)
    }

    /// How many policies it watches.
    pub fn policies(&self) -> usize {
        self.source.look(|instance| instance.watched().len())
    }

    /// What a user used of late; none of one that is not known, or if that is not tracked.
    pub fn usage(&self, user: &str) -> Option<u64> {
        self.source.look(|instance| instance.usage()?.usage(user))
    }

    /// Adds to what a user used, in nanoseconds of work, beside what its policies add by themselves.
    /// Nothing happens without a `usage_window`.
    pub fn record_usage(&self, user: &str, usage: u64) {
        self.source.look(|instance| instance.record_usage(user, usage));
    }

    /// Asks its policies how hard they are pressed, and sets the threshold by it.
    pub fn calibrate(&self) {
        self.source.look(|instance| instance.calibrate(Counters::default()));
    }

    /// Calibrates it every so often on a task of its own, until the guard is dropped; also while no
    /// calls come, which the option `every` waits for.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    ///
    /// ```
    /// # use failsafe_runtime::Prioritizer;
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let prioritizer = Prioritizer::builder().every(Duration::MAX).build();
    /// let calibrations = prioritizer.schedule(Duration::from_secs(1));
    /// // ... as long as the service runs ...
    /// drop(calibrations);
    /// # }
    /// ```
    pub fn schedule(&self, interval: Duration) -> Calibrations {
        let calibrations = self.shared().calibrate_every(interval);
        Calibrations(match Registry::scoped() {
            Some(registry) => tokio::spawn(registry.scope(calibrations)),
            None => tokio::spawn(calibrations),
        })
    }

    /// Forgets levels and users, and lets everybody through.
    pub fn reset(&self) {
        self.source.look(Stateful::reset);
    }
}

/// Calibrations that go on until this is dropped; see [`Prioritizer::schedule`].
#[derive(Debug)]
#[must_use = "the calibrations end when this is dropped"]
pub struct Calibrations(JoinHandle<()>);

impl Drop for Calibrations {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Declarable for Instance {
    fn of_declaration(declaration: &'static Declaration) -> Self {
        Self::declared(declaration)
    }
}

impl Registry {
    /// The prioritizer of that name: the live one, or a new one if it is declared somewhere in the
    /// binary but nobody has used it yet.
    pub fn prioritizer(&self, name: &str) -> Option<Prioritizer> {
        let instance = self.find("prioritizer", name, Instance::declared)?;
        Some(Prioritizer { source: Source::Built(instance) })
    }
}

impl AsPolicy<Self> for Prioritizer {
    fn as_policy(&self) -> &Self {
        self
    }
}

// A copy of what is declared is declared: which one it stands for depends on where it is used.
impl Clone for Prioritizer {
    fn clone(&self) -> Self {
        let source = match &self.source {
            Source::Declared(declaration, _) => Source::Declared(declaration, OnceLock::new()),
            Source::Built(instance) => Source::Built(Arc::clone(instance)),
        };
        Self { source }
    }
}

impl fmt::Debug for Prioritizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.look(|instance| fmt::Debug::fmt(instance, f))
    }
}
