//! # Timeout
//!
//! Drops what is inside when it takes too long.
//!
//! ## How it decides
//!
//! The future inside is polled first; a timer is armed only when it has to wait, so a call that is
//! ready at once pays nothing. The limit counts from there. At the deadline the listener is called,
//! then the future is dropped, and the call is rejected with [`Kind::Timeout`](crate::Kind). A
//! future that is ready at the deadline has won. Unlike in failsafe-go the call returns at the
//! deadline even if the body would ignore a cancellation: a dropped future runs no further.
//!
//! ## Defaults
//!
//! | option | default | unit |
//! |---|---|---|
//! | the limit | none: it must be written | duration |
//!
//! ## Events
//!
//! `timeout`.
//!
//! ## At run time
//!
//! A limit that changes holds for the runs that begin to wait after it. Switched off, there is no
//! limit. When it only observes, it tells that the limit has passed, and the run goes on.
//!
//! ## Cancel safety
//!
//! Dropping the call drops the timer with it.
//!
//! ## Order
//!
//! Inside a retry each attempt has the whole time; outside, all attempts and delays share it.

mod guard;
mod step;

use crate::attempt::Counters;
use crate::clock::{self, Sleep};
use crate::events::{self, What};
use crate::fault::{ConfigError, Faults};
use crate::label::Label;
use crate::listener::{self, Hear};
use crate::live::Mode;
use crate::outcome::Flow;
use crate::rejected::{Kind, Rejected};
use crate::site::Declaration;
use failsafe_config::{Fault, IntoDuration, TimeoutConfig};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

type Listener = Arc<dyn Fn(&TimeoutEvent<'_>) + Send + Sync>;

/// A timeout: how long one run of what is inside may take.
///
/// ```
/// # use failsafe_runtime::Timeout;
/// let timeout = Timeout::builder("1s").build();
/// assert_eq!(timeout.limit().as_secs(), 1);
/// ```
pub struct Timeout {
    label: Label,
    config: TimeoutConfig,
    referred: OnceLock<TimeoutConfig>,
    listeners: Vec<Listener>,
}

impl Timeout {
    /// A timeout as an attribute or `policy!` declares it.
    #[doc(hidden)]
    pub const fn declared((declaration, config): (&'static Declaration, TimeoutConfig)) -> Self {
        let label = Label::Declared(declaration);
        Self { label, config, referred: OnceLock::new(), listeners: Vec::new() }
    }

    /// The timeout of a declaration.
    fn of(declaration: &'static Declaration) -> Self {
        Self::declared((declaration, declaration.written().copied().unwrap_or_default()))
    }

    /// Builds a timeout at run time.
    pub fn builder(limit: impl IntoDuration) -> TimeoutBuilder {
        let mut faults = Faults::new();
        let limit = limit.into_duration().and_then(|limit| {
            Fault::from_verdict(TimeoutConfig::limit_fault(limit)).map(|()| limit)
        });
        let config = faults
            .note(limit)
            .map_or(TimeoutConfig::new(), |limit| TimeoutConfig::new().limit(limit));
        TimeoutBuilder { label: Label::Unnamed(&"timeout"), config, faults, listeners: Vec::new() }
    }

    /// Its name, or the path of the function it stands on.
    pub fn name(&self) -> &str {
        self.label.name()
    }

    /// How long one run may take.
    pub fn limit(&self) -> Duration {
        self.config().get_limit()
    }

    /// What it was told, by its declaration or at run time.
    pub fn config(&self) -> &TimeoutConfig {
        self.label.config(&self.config, &self.referred)
    }

    /// What it was told, where the function may know what is written better than the declaration.
    fn config_or<'a>(&'a self, written: Option<&'a TimeoutConfig>) -> &'a TimeoutConfig {
        written.map_or_else(|| self.config(), |written| self.label.in_force(written))
    }

    /// Tells that the limit has passed, and what the call is told.
    #[cold]
    fn exceeded<L>(&self, limit: Duration, hear: &L) -> Rejected
    where
        L: for<'a> Hear<TimeoutEvent<'a>>,
    {
        let counters = Counters::default();
        let event = TimeoutEvent { name: self.name(), limit };
        if hear.is_heard() {
            listener::call("timeout", &self.label, counters, || hear.hear(&event));
        }
        for hear in &self.listeners {
            listener::call("timeout", &self.label, counters, || hear(&event));
        }
        events::emit("timeout", || self.label.clone(), counters, What::Timeout(limit));
        Rejected::new(Kind::Timeout, self.label.clone())
    }
}

impl fmt::Debug for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, limit) = (self.name(), self.limit());
        f.debug_struct("Timeout").field("name", &name).field("limit", &limit).finish()
    }
}

/// What a listener of a timeout hears.
#[derive(Debug, Clone, Copy)]
pub struct TimeoutEvent<'a> {
    name: &'a str,
    limit: Duration,
}

impl TimeoutEvent<'_> {
    /// The name of the timeout, or the path of its function.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        name == What::Timeout(self.limit).name()
    }

    /// The limit that has passed.
    pub const fn limit(&self) -> Duration {
        self.limit
    }
}

/// Builds a [`Timeout`].
#[must_use = "a builder does nothing until it builds"]
pub struct TimeoutBuilder {
    label: Label,
    config: TimeoutConfig,
    faults: Faults,
    listeners: Vec<Listener>,
}

impl TimeoutBuilder {
    /// The name in events and rejections.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.label = Label::Given(Arc::new(name.into()));
        self
    }

    /// Adds a listener that is called when the limit has passed, before the call inside is dropped.
    pub fn on_timeout(
        mut self,
        listener: impl Fn(&TimeoutEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.listeners.push(Arc::new(listener));
        self
    }

    /// The timeout.
    ///
    /// # Panics
    ///
    /// When the limit is zero or no duration; [`try_build`](Self::try_build) returns that as an
    /// error.
    #[track_caller]
    #[must_use]
    pub fn build(self) -> Timeout {
        self.try_build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The timeout.
    ///
    /// # Errors
    ///
    /// When the limit is zero or no duration.
    pub fn try_build(self) -> Result<Timeout, ConfigError> {
        self.faults.verdict("timeout")?;
        let Self { label, config, listeners, .. } = self;
        Ok(Timeout { label, config, referred: OnceLock::new(), listeners })
    }
}

impl fmt::Debug for TimeoutBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeoutBuilder").field("config", &self.config).finish_non_exhaustive()
    }
}

/// A timeout, and what is written where the function knows it better than the declaration.
type Written<'a> = (&'a Timeout, Option<&'a TimeoutConfig>);

/// What a future under a limit has besides its body: how to find the timeout, and who hears. Both
/// are of size zero where an attribute names a static and no listener.
struct Parts<A, L> {
    timeout: A,
    hear: L,
}

pin_project! {
    /// A future under a limit.
    #[doc(hidden)]
    pub struct Within<F, A, L> {
        parts: Parts<A, L>,
        #[pin]
        timer: Timer,
        #[pin]
        body: F,
    }
}

pin_project! {
    /// How far the limit is.
    #[project = TimerProjection]
    enum Timer {
        /// The body has not had to wait.
        Unarmed,
        Armed { #[pin] sleep: Sleep },
        /// It has passed, and the timeout only observes.
        Passed,
        /// It has passed, and the body has to go before the call is told.
        Over { rejected: Rejected },
    }
}

impl<'a, R, F, A, L> Future for Within<F, A, L>
where
    F: Future<Output = Flow<R>>,
    A: Fn() -> Written<'a>,
    L: for<'e> Hear<TimeoutEvent<'e>>,
{
    type Output = Flow<R>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Flow<R>> {
        let this = self.project();
        if let Poll::Ready(flow) = this.body.poll(cx) {
            return Poll::Ready(flow);
        }
        let Parts { timeout, hear } = this.parts;
        match overrun(timeout(), hear, this.timer, cx) {
            Some(rejected) => Poll::Ready(Err(rejected)),
            None => Poll::Pending,
        }
    }
}

/// What a call is told that has to wait, if it has waited too long.
// Not inlined: it is the same for all functions.
#[inline(never)]
fn overrun<L>(
    (timeout, written): Written<'_>,
    hear: &L,
    timer: Pin<&mut Timer>,
    cx: &mut Context<'_>,
) -> Option<Rejected>
where
    L: for<'e> Hear<TimeoutEvent<'e>>,
{
    let limit = || timeout.config_or(written).get_limit();
    let exceeded = |limit| timeout.exceeded(limit, hear);
    past(timeout.label.mode(), limit, exceeded, timer, cx)
}

/// What a call is told that has waited longer than this limit.
fn past(
    mode: Mode,
    limit: impl Fn() -> Duration,
    exceeded: impl FnOnce(Duration) -> Rejected,
    mut timer: Pin<&mut Timer>,
    cx: &mut Context<'_>,
) -> Option<Rejected> {
    if mode == Mode::Off || !passed(timer.as_mut(), &limit, cx) {
        return None;
    }
    let rejected = exceeded(limit());
    if mode == Mode::Observe {
        timer.set(Timer::Passed);
        return None;
    }
    Some(rejected)
}

/// Whether the limit has passed just now; a timer is armed by the first look.
fn passed(mut timer: Pin<&mut Timer>, limit: impl Fn() -> Duration, cx: &mut Context<'_>) -> bool {
    if matches!(*timer, Timer::Unarmed) {
        timer.set(Timer::Armed { sleep: clock::sleep(limit()) });
    }
    let TimerProjection::Armed { sleep } = timer.project() else { return false };
    // A body that has used up the task's budget must not keep the timer from being looked at.
    pin!(tokio::task::unconstrained(sleep)).poll(cx).is_ready()
}

impl<F, A, L> fmt::Debug for Within<F, A, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Within")
            .field("armed", &matches!(self.timer, Timer::Armed { .. }))
            .finish_non_exhaustive()
    }
}

/// Runs a future under a limit, inside the policies of a function.
#[doc(hidden)]
#[inline]
pub const fn within<'a, F, A, L>(timeout: A, hear: L, body: F) -> Within<F, A, L>
where
    A: Fn() -> Written<'a>,
{
    Within { parts: Parts { timeout, hear }, timer: Timer::Unarmed, body }
}

/// A future under a timeout.
#[doc(hidden)]
#[macro_export]
macro_rules! __timeout {
    ($timeout:expr, $written:expr, $hear:expr, $future:expr) => {
        $crate::__rt::within(|| ($timeout, $written), $hear, $future)
    };
}
