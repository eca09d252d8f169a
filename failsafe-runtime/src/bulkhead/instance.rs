//! One bulkhead: its places, and whom it tells of a call that has none.

use super::event::{BulkheadFullEvent, Listener};
use crate::attempt::Counters;
use crate::current::Current;
use crate::events::{self, What};
use crate::keyed::Keyable;
use crate::label::Label;
use crate::listener::{self, Hear};
use crate::live::Mode;
use crate::places::{Asked, Load, Places};
use crate::registry::{Details, PolicySnapshot};
use crate::rejected::{Kind, Rejected};
use crate::site::Declaration;
use crate::stateful::Stateful;
use failsafe_config::{BulkheadConfig, PolicyConfig};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::task::Waker;
use std::time::Duration;

/// One bulkhead, shared by everything that has its name.
pub(crate) struct Instance {
    label: Label,
    config: Current<BulkheadConfig>,
    places: Places,
    /// Whoever changes their number.
    resizing: Mutex<()>,
    listeners: Vec<Listener>,
}

impl Instance {
    pub(super) fn new(label: Label, config: BulkheadConfig, listeners: Vec<Listener>) -> Self {
        let config = Current::new(&label, config);
        let places = Places::new(config.begin().get_max());
        Self { label, config, places, resizing: Mutex::new(()), listeners }
    }

    /// The bulkhead of a declaration.
    pub(crate) fn declared(declaration: &'static Declaration) -> Self {
        let config = declaration.written().copied().unwrap_or_default();
        Self::new(Label::Declared(declaration), config, Vec::new())
    }

    pub(super) fn name(&self) -> &str {
        self.label.name()
    }

    pub(super) fn config(&self) -> &BulkheadConfig {
        self.config.get()
    }

    /// Whether it acts; it has as many places then as the configuration in force says.
    pub(super) fn mode(&self) -> Mode {
        self.config.mode_after(|| self.resize())
    }

    #[cold]
    fn resize(&self) {
        let mut woken = Vec::new();
        let resizing = self.resizing.lock().unwrap_or_else(PoisonError::into_inner);
        self.config.follow(|_, config| woken = self.places.resize(config.get_max()));
        drop(resizing);
        woken.into_iter().for_each(Waker::wake);
    }

    pub(super) const fn places(&self) -> &Places {
        &self.places
    }

    pub(super) fn load(&self) -> Load {
        self.places.load()
    }

    /// Takes a place or waits for one at the end of the queue, if it has room.
    pub(super) fn ask(&self) -> Asked {
        let longest = self.config().get_queue().unwrap_or(u32::MAX);
        // The places go by nothing that is older than that.
        if self.config.is_behind() {
            self.resize();
        }
        self.places.ask(|load| load.waiting < longest)
    }

    /// Nobody waits for what does not act.
    pub(super) fn let_all_in_unless_on(&self) {
        if self.mode() != Mode::On {
            self.places.let_all_in().into_iter().for_each(Waker::wake);
        }
    }

    /// Whether a call would get a place, or might wait for one: those beyond the places stand for
    /// those that would wait.
    pub(super) fn would_admit(&self, wait: Duration) -> bool {
        let beyond = self.load().in_flight.checked_sub(self.places.max());
        let longest = self.config().get_queue().unwrap_or(u32::MAX);
        beyond.is_none_or(|beyond| !wait.is_zero() && beyond < longest)
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
    fn label_mut(&mut self) -> &mut Label {
        &mut self.label
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
                .count("max", self.config().get_max().into())
                .count("in_flight", load.in_flight.into())
                .count("waiting", load.waiting.into()),
        }
    }

    /// Nothing: it has no history, and calls under way keep their places.
    fn reset(&self) {}

    fn reconfigure(&self, _config: &dyn PolicyConfig) {
        self.resize();
        self.let_all_in_unless_on();
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
