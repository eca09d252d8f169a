//! One stream of everything that policies decide.
//!
//! Nothing is made, and no clock read, while nobody listens: that costs one relaxed load.

use crate::attempt::Counters;
use crate::clock::{Moment, now};
use crate::extra::Extra;
use crate::label::Label;
use crate::priority::Level;
use crate::registry::Registry;
use crate::rejected::Kind;
use crate::state::State;
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// How many listeners there are, in all registries together.
static LISTENERS: AtomicUsize = AtomicUsize::new(0);

/// The most events a [`Subscription`] keeps for a reader that is slow.
const KEPT: usize = 10_000;

/// Something a policy decided.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub struct Event {
    /// The policy: `"retry"`, `"circuit_breaker"`, ..., `"call"` for a call as a whole, or
    /// `"settings"`.
    pub policy: &'static str,
    name: Label,
    /// What happened.
    pub what: What,
    /// The counters of the call it happened in; zeros where there was none.
    pub counters: Counters,
    /// When it happened.
    pub at: Moment,
}

impl Event {
    /// The name of the policy, or the path of its function; of settings, their files.
    pub fn name(&self) -> &str {
        self.name.name()
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}` {}", self.policy, self.name(), self.what)
    }
}

/// What happened.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The policy judged an outcome a success.
    Success,
    /// The policy judged an outcome a failure.
    Failure,
    /// A retry will follow after this delay.
    RetryScheduled(Duration),
    /// A retry begins.
    Retry,
    /// An abort condition ended the retries.
    Abort,
    /// The retries have run out.
    RetriesExceeded,
    /// A hedge begins.
    Hedge,
    /// A budget refused a retry or a hedge.
    BudgetExceeded(Extra),
    /// A circuit breaker changed its state.
    StateChanged {
        /// The state it left.
        from: State,
        /// The state it entered.
        to: State,
    },
    /// An adaptive limiter changed its limit.
    LimitChanged {
        /// The limit before.
        from: u32,
        /// The limit since then.
        to: u32,
    },
    /// A policy refused the call.
    Rejected(Kind),
    /// A timeout's limit has passed.
    Timeout(Duration),
    /// A fallback answered; whether its answer is a failure too.
    Fallback {
        /// Whether it is.
        failed: bool,
    },
    /// A feature toggle turned a call away.
    Disabled,
    /// A feature toggle was switched.
    Switched {
        /// Whether it is on now.
        enabled: bool,
    },
    /// A fail-fast entered the failed state.
    Failed,
    /// A fail-fast left the failed state.
    Recovered,
    /// A cache answered the call.
    Hit,
    /// A cache had no answer, so the call runs.
    Miss,
    /// A cache keeps the outcome of the call.
    Cached,
    /// The call is over; whether it returns a success.
    Done {
        /// Whether it does.
        success: bool,
    },
    /// A prioritizer lets calls through from another level on.
    ThresholdChanged {
        /// The level it was.
        from: Level,
        /// The level it is.
        to: Level,
    },
    /// The settings that are watched have changed, and are in force. The event's policy is
    /// `"settings"`, and its name that of the files.
    SettingsApplied,
    /// The settings that are watched have changed, and something is wrong with them: those before
    /// them stay in force. What is wrong is told to `Watch::on_rejected`.
    SettingsRejected,
    /// A listener panicked; the call went on.
    ListenerPanicked,
}

impl What {
    /// The name of the event, the same as of its listener without the `on_`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::RetryScheduled(_) => "retry_scheduled",
            Self::Retry => "retry",
            Self::Abort => "abort",
            Self::RetriesExceeded => "retries_exceeded",
            Self::Hedge => "hedge",
            Self::BudgetExceeded(_) => "budget_exceeded",
            Self::StateChanged { .. } => "state_changed",
            Self::LimitChanged { .. } => "limit_changed",
            Self::Rejected(_) => "rejected",
            Self::Timeout(_) => "timeout",
            Self::Fallback { .. } => "fallback",
            Self::Disabled => "disabled",
            Self::Switched { .. } => "switched",
            Self::Failed => "failed",
            Self::Recovered => "recovered",
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Cached => "cached",
            Self::Done { .. } => "done",
            Self::ThresholdChanged { .. } => "threshold_changed",
            Self::SettingsApplied => "settings_applied",
            Self::SettingsRejected => "settings_rejected",
            Self::ListenerPanicked => "listener_panicked",
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::RetryScheduled(delay) => write!(f, " in {delay:?}"),
            Self::StateChanged { from, to } => write!(f, " {from} -> {to}"),
            Self::LimitChanged { from, to } => write!(f, " {from} -> {to}"),
            Self::ThresholdChanged { from, to } => write!(f, " {from} -> {to}"),
            Self::BudgetExceeded(extra) => write!(f, ": {extra}"),
            Self::Rejected(kind) => write!(f, ": {kind}"),
            Self::Timeout(limit) => write!(f, " after {limit:?}"),
            Self::Switched { enabled } => f.write_str(if *enabled { " on" } else { " off" }),
            Self::Fallback { failed: true } | Self::Done { success: false } => {
                f.write_str(" (failed)")
            }
            _ => Ok(()),
        }
    }
}

/// Whether anybody listens at all.
#[doc(hidden)]
#[inline]
pub fn active() -> bool {
    LISTENERS.load(Ordering::Relaxed) != 0
}

/// Tells the listeners of the registry in force.
pub(crate) fn emit(
    policy: &'static str,
    name: impl FnOnce() -> Label,
    counters: Counters,
    what: What,
) {
    if active() {
        let event = Event { policy, name: name(), what, counters, at: now() };
        Registry::with_current(|registry| registry.hub().tell(&event));
    }
}

type Listener = dyn Fn(&Event) + Send + Sync;

/// The listeners of one registry.
#[derive(Default)]
pub(crate) struct Hub(Mutex<Vec<Weak<Listener>>>);

impl Hub {
    fn add(&self, listener: &Arc<Listener>) {
        LISTENERS.fetch_add(1, Ordering::Relaxed);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(listener));
    }

    fn tell(&self, event: &Event) {
        let listeners: Vec<_> = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|listener| listener.strong_count() > 0);
            all.iter().filter_map(Weak::upgrade).collect()
        };
        for listener in listeners {
            // A panic is not told to listeners again: the one that panicked may be among them.
            let _ = crate::listener::guard(|| listener(event));
        }
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").finish_non_exhaustive()
    }
}

/// Listens until it is dropped.
#[must_use = "listening ends when this is dropped"]
pub struct Listening(#[expect(dead_code, reason = "it keeps the listener alive")] Arc<Listener>);

impl Drop for Listening {
    fn drop(&mut self) {
        LISTENERS.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").finish_non_exhaustive()
    }
}

/// Calls `listener` with every event of the registry in force (the scoped one inside
/// [`Registry::scope`]), on the task that caused it, until the guard is dropped.
///
/// ```
/// # use failsafe_runtime as failsafe;
/// let listening = failsafe::events::listen(|event| println!("{event}"));
/// // ... calls ...
/// drop(listening);
/// ```
pub fn listen(listener: impl Fn(&Event) + Send + Sync + 'static) -> Listening {
    let listener: Arc<Listener> = Arc::new(listener);
    Registry::with_current(|registry| registry.hub().add(&listener));
    Listening(listener)
}

/// Subscribes to every event of the registry in force (the scoped one inside
/// [`Registry::scope`]).
///
/// The stream never ends and never holds a call up: a reader that falls 10,000 events behind loses
/// the oldest, and [`Subscription::lost`] counts them.
///
/// ```
/// # use failsafe_runtime as failsafe;
/// let mut events = failsafe::events::subscribe();
/// // ... calls ...
/// while let Some(event) = events.try_recv() {
///     println!("{event}");
/// }
/// ```
pub fn subscribe() -> Subscription {
    let queue = Arc::new(Mutex::new(Queue::default()));
    let shared = Arc::clone(&queue);
    let listening = listen(move |event| Queue::push(&shared, event.clone()));
    Subscription { queue, _listening: listening }
}

#[derive(Debug, Default)]
struct Queue {
    events: VecDeque<Event>,
    lost: u64,
    reader: Option<Waker>,
}

impl Queue {
    fn push(queue: &Mutex<Self>, event: Event) {
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.events.len() == KEPT {
            queue.events.pop_front();
            queue.lost += 1;
        }
        queue.events.push_back(event);
        let reader = queue.reader.take();
        drop(queue);
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

/// A stream of events; see [`subscribe`].
#[derive(Debug)]
#[must_use = "the subscription ends when this is dropped"]
pub struct Subscription {
    queue: Arc<Mutex<Queue>>,
    _listening: Listening,
}

impl Subscription {
    /// The next event, if there is one already.
    pub fn try_recv(&mut self) -> Option<Event> {
        self.lock().events.pop_front()
    }

    /// All events there are already.
    pub fn drain(&mut self) -> Vec<Event> {
        self.lock().events.drain(..).collect()
    }

    /// Waits for the next event.
    ///
    /// # Cancel safety
    ///
    /// No event is lost when this is dropped.
    pub async fn recv(&mut self) -> Event {
        std::future::poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// How many events were lost because they were not read in time.
    pub fn lost(&self) -> u64 {
        self.lock().lost
    }

    fn poll_recv(&mut self, cx: &Context<'_>) -> Poll<Event> {
        let mut queue = self.lock();
        if let Some(event) = queue.events.pop_front() {
            return Poll::Ready(event);
        }
        queue.reader = Some(cx.waker().clone());
        Poll::Pending
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl futures_core::Stream for Subscription {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll_recv(cx).map(Some)
    }
}
