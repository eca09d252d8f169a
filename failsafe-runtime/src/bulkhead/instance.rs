//! One bulkhead: a word that counts, and a lock for the queue that only full bulkheads take.

use super::core::{Load, Next, Queue};
use super::event::{BulkheadFullEvent, Listener};
use crate::attempt::Counters;
use crate::events::{self, What};
use crate::keyed::Keyable;
use crate::label::Label;
use crate::listener::{self, Hear};
use crate::registry::{Details, PolicySnapshot};
use crate::rejected::{Kind, Rejected};
use crate::site::Declaration;
use crate::stateful::Stateful;
use failsafe_config::BulkheadConfig;
use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// What came of the wish for a place.
pub(super) enum Asked {
    Entered,
    Queued(u64),
    Full,
}

/// One bulkhead, shared by everything that has its name.
pub(crate) struct Instance {
    label: Label,
    config: BulkheadConfig,
    /// The load. The calls that wait change under the lock of the queue only.
    load: AtomicU64,
    queue: Mutex<Queue>,
    listeners: Vec<Listener>,
}

impl Instance {
    pub(super) fn new(label: Label, config: BulkheadConfig, listeners: Vec<Listener>) -> Self {
        Self { label, config, load: AtomicU64::new(0), queue: Mutex::default(), listeners }
    }

    /// The bulkhead of a declaration.
    pub(crate) fn declared(declaration: &'static Declaration) -> Self {
        let config = declaration.config().copied().unwrap_or_default();
        Self::new(Label::Declared(declaration), config, Vec::new())
    }

    pub(super) fn name(&self) -> &str {
        self.label.name()
    }

    pub(super) const fn config(&self) -> &BulkheadConfig {
        &self.config
    }

    pub(super) fn load(&self) -> Load {
        Load::from_word(self.load.load(Ordering::Acquire))
    }

    /// Changes the load, unless `change` refuses to.
    #[inline]
    fn change(&self, change: impl Fn(Load) -> Option<Load>) -> bool {
        let change = |word| change(Load::from_word(word)).map(Load::word);
        self.load.fetch_update(Ordering::AcqRel, Ordering::Acquire, change).is_ok()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place, if one is free.
    #[inline]
    pub(super) fn try_enter(&self) -> bool {
        self.change(|load| load.entered(self.config.get_max()))
    }

    /// Takes a place or waits for one at the end of the queue, if it has room.
    pub(super) fn ask(&self) -> Asked {
        if self.try_enter() {
            return Asked::Entered;
        }
        let longest = self.config.get_queue().unwrap_or(u32::MAX);
        let mut queue = self.queue();
        loop {
            let word = self.load.load(Ordering::Acquire);
            let load = Load::from_word(word);
            let entered = load.entered(self.config.get_max());
            let Some(next) = entered.or_else(|| load.queued(longest)) else { return Asked::Full };
            let (success, failure) = (Ordering::AcqRel, Ordering::Acquire);
            if self.load.compare_exchange(word, next.word(), success, failure).is_ok() {
                return if entered.is_some() {
                    Asked::Entered
                } else {
                    Asked::Queued(queue.push())
                };
            }
        }
    }

    /// Whether a call that waited has been given a place; if not, it will be woken.
    pub(super) fn is_granted(&self, number: u64, waker: &Waker) -> bool {
        !self.queue().note(number, waker)
    }

    /// Ends the wait of a call; whether it has been given a place.
    pub(super) fn leave_queue(&self, number: u64) -> bool {
        let mut queue = self.queue();
        let waited = queue.remove(number);
        if waited {
            self.change(|load| Some(load.unqueued()));
        }
        !waited
    }

    /// Gives a place back, or on to the call that waits longest.
    #[inline]
    pub(super) fn leave(&self) {
        if !self.change(Load::left) {
            self.hand_on();
        }
    }

    #[cold]
    fn hand_on(&self) {
        let mut queue = self.queue();
        // All who waited may have left meanwhile.
        while !self.change(Load::left) {
            if let Some(Next(waker)) = queue.pop() {
                self.change(|load| Some(load.unqueued()));
                drop(queue);
                if let Some(waker) = waker {
                    waker.wake();
                }
                return;
            }
        }
    }

    /// Tells that a call is refused, and makes what it is told.
    #[cold]
    pub(super) fn refuse<L>(&self, counters: Counters, hear: &L) -> Rejected
    where
        L: for<'e> Hear<BulkheadFullEvent<'e>>,
    {
        let event = BulkheadFullEvent::new(self.name(), counters);
        if hear.is_heard() {
            listener::call("bulkhead", &self.label, counters, || hear.hear(&event));
        }
        for hear in &self.listeners {
            listener::call("bulkhead", &self.label, counters, || hear(&event));
        }
        let what = What::Rejected(Kind::BulkheadFull);
        events::emit("bulkhead", || self.label.clone(), counters, what);
        Rejected::new(Kind::BulkheadFull, self.label.clone())
    }
}

impl Keyable for Instance {
    fn keyed(declaration: &'static Declaration, key: &dyn fmt::Debug) -> Self {
        let mut instance = Self::declared(declaration);
        instance.label = Label::Given(format!("{}[{key:?}]", declaration.name()).into());
        instance
    }
}

impl Stateful for Instance {
    fn name(&self) -> &str {
        self.label.name()
    }

    fn snapshot(&self) -> PolicySnapshot {
        let load = self.load();
        PolicySnapshot {
            policy: "bulkhead",
            name: self.name().to_owned(),
            details: Details::new()
                .count("max", self.config.get_max().into())
                .count("in_flight", load.in_flight.into())
                .count("waiting", load.waiting.into()),
        }
    }

    /// Nothing: it has no history, and calls under way keep their places.
    fn reset(&self) {}

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let load = self.load();
        f.debug_struct("Bulkhead")
            .field("name", &self.name())
            .field("config", &self.config)
            .field("in_flight", &load.in_flight)
            .field("waiting", &load.waiting)
            .finish_non_exhaustive()
    }
}
