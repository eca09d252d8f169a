use super::event::{CacheEvent, Listener};
use super::handle::Cache;
use super::instance::Instance;
use super::key::OwnedKey;
use super::outcome::Storable;
use super::store::{Given, Store};
use crate::fault::{ConfigError, Faults};
use crate::label::Label;
use crate::registry::Registry;
use failsafe_config::{CacheConfig, Fault, IntoDuration};
use std::fmt;
use std::sync::Arc;

/// Builds a [`Cache`]; its methods are the options of `#[cache]` that concern all calls.
#[must_use = "a builder does nothing until it builds"]
pub struct CacheBuilder<K, V> {
    name: Option<String>,
    config: CacheConfig,
    faults: Faults,
    store: Option<Given<K, V>>,
    listeners: Vec<Listener<V>>,
}

impl<K: OwnedKey, V: Storable> CacheBuilder<K, V> {
    pub(super) const fn new() -> Self {
        Self {
            name: None,
            config: CacheConfig::new(),
            faults: Faults::new(),
            store: None,
            listeners: Vec::new(),
        }
    }

    /// The name in events. A cache with a name is listed in the registry in force; if that has one of
    /// the name already, that one stays listed.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How long a value is kept, more than zero. **Default**: until there is no room.
    pub fn ttl(mut self, ttl: impl IntoDuration) -> Self {
        let ttl = ttl
            .into_duration()
            .and_then(|ttl| Fault::from_verdict(CacheConfig::ttl_fault(ttl)).map(|()| ttl));
        if let Some(ttl) = self.faults.note(ttl) {
            self.config = self.config.ttl(ttl);
        }
        self
    }

    /// How many values are kept, from 1. **Default**: 1000.
    pub fn capacity(mut self, capacity: u32) -> Self {
        let verdict = Fault::from_verdict(CacheConfig::capacity_fault(capacity));
        if self.faults.note(verdict).is_some() {
            self.config = self.config.capacity(capacity);
        }
        self
    }

    /// Where the values are kept. **Default**: in a store of our own, bounded by the capacity, which
    /// means nothing to one of yours.
    pub fn store(mut self, store: impl Store<K, V> + 'static) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Adds a listener that is called when a call is answered without running.
    pub fn on_hit(self, listener: impl Fn(&CacheEvent<'_, V>) + Send + Sync + 'static) -> Self {
        self.on("hit", listener)
    }

    /// Adds a listener that is called when a call has to run.
    pub fn on_miss(self, listener: impl Fn(&CacheEvent<'_, V>) + Send + Sync + 'static) -> Self {
        self.on("miss", listener)
    }

    /// Adds a listener that is called when the outcome of a call is kept.
    pub fn on_cached(self, listener: impl Fn(&CacheEvent<'_, V>) + Send + Sync + 'static) -> Self {
        self.on("cached", listener)
    }

    fn on(
        mut self,
        name: &'static str,
        listener: impl Fn(&CacheEvent<'_, V>) + Send + Sync + 'static,
    ) -> Self {
        self.listeners.push(Arc::new(move |event: &CacheEvent<'_, V>| {
            if event.is(name) {
                listener(event);
            }
        }));
        self
    }

    /// The cache.
    ///
    /// # Panics
    ///
    /// When an option was given a value it cannot have; [`try_build`](Self::try_build) returns that
    /// as an error.
    #[track_caller]
    #[must_use]
    pub fn build(self) -> Cache<K, V> {
        self.try_build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The cache.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the options, at once.
    pub fn try_build(self) -> Result<Cache<K, V>, ConfigError> {
        let Self { name, config, faults, store, listeners } = self;
        faults.verdict("cache")?;
        let given = name.clone();
        let label = given.map_or(Label::Unnamed(&"cache"), |name| Label::Given(Arc::new(name)));
        let (instance, table) = Instance::built(label, config, store, listeners);
        let (instance, cache) = Cache::built(instance, table);
        if let Some(name) = &name {
            Registry::with_current(|registry| registry.adopt("cache", name, instance));
        }
        Ok(cache)
    }
}

impl<K, V> fmt::Debug for CacheBuilder<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheBuilder")
            .field("name", &self.name)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
