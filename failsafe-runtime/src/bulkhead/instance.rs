//! One bulkhead: its places, and whom it tells of a call that has none.

use super::event::{BulkheadFullEvent, Listener};
use crate::attempt::Counters;
use crate::events::{self, What};
use crate::keyed::Keyable;
use crate::label::Label;
use crate::listener::{self, Hear};
use crate::places::{Asked, Load, Places};
use crate::registry::{Details, PolicySnapshot};
use crate::rejected::{Kind, Rejected};
use crate::site::Declaration;
use crate::stateful::Stateful;
use failsafe_config::BulkheadConfig;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// One bulkhead, shared by everything that has its name.
pub(crate) struct Instance {
    label: Label,
    config: BulkheadConfig,
    places: Places,
    listeners: Vec<Listener>,
}

impl Instance {
    pub(super) fn new(label: Label, config: BulkheadConfig, listeners: Vec<Listener>) -> Self {
        let places = Places::new(config.get_max());
        Self { label, config, places, listeners }
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

    pub(super) const fn places(&self) -> &Places {
        &self.places
    }

    pub(super) fn load(&self) -> Load {
        self.places.load()
    }

    /// Takes a place or waits for one at the end of the queue, if it has room.
    pub(super) fn ask(&self) -> Asked {
        let longest = self.config.get_queue().unwrap_or(u32::MAX);
        self.places.ask(|load| load.waiting < longest)
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
