//! One cache: a name, what it was told, and a table for each pair of types it is used with.

use super::event::Listener;
use super::key::OwnedKey;
use super::outcome::Storable;
use super::store::Given;
use super::table::{AnyTable, Common, Table};
use crate::label::Label;
use crate::registry::{Details, PolicySnapshot};
use crate::site::Declaration;
use crate::source::Declarable;
use crate::stateful::Stateful;
use failsafe_config::{CacheConfig, PolicyConfig};
use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

type Tables = HashMap<TypeId, Box<dyn AnyTable>>;

/// One cache, shared by everything that has its name.
pub(crate) struct Instance {
    common: Arc<Common>,
    /// By the types of key and value, so that two functions of one name can never see a value of a
    /// type that they do not expect.
    tables: RwLock<Tables>,
}

/// What a cache has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheMetrics {
    hits: u64,
    misses: u64,
    entries: usize,
    running: usize,
    waiting: usize,
}

impl CacheMetrics {
    /// Calls that were answered without running.
    pub const fn hits(&self) -> u64 {
        self.hits
    }

    /// Calls that had to run.
    pub const fn misses(&self) -> u64 {
        self.misses
    }

    /// The share of calls that were answered without running, from 0 to 1; 0 when there was none.
    #[expect(clippy::cast_precision_loss, reason = "it is for people")]
    pub fn hit_rate(&self) -> f64 {
        let calls = self.hits.saturating_add(self.misses);
        if calls == 0 { 0.0 } else { self.hits as f64 / calls as f64 }
    }

    /// Values that are kept, those included whose time is over and that nobody has asked for since.
    pub const fn entries(&self) -> usize {
        self.entries
    }

    /// Calls that run now and for which others can wait.
    pub const fn running(&self) -> usize {
        self.running
    }

    /// Calls that wait for others now.
    pub const fn waiting(&self) -> usize {
        self.waiting
    }
}

impl Instance {
    pub(super) fn new(label: Label, config: CacheConfig) -> Self {
        let (hits, misses) = (AtomicU64::new(0), AtomicU64::new(0));
        let common = Arc::new(Common { label, config, hits, misses });
        Self { common, tables: RwLock::default() }
    }

    /// The cache of a declaration.
    pub(crate) fn declared(declaration: &'static Declaration) -> Self {
        let config = declaration.written().copied().unwrap_or_default();
        Self::new(Label::Declared(declaration), config)
    }

    pub(super) fn name(&self) -> &str {
        self.common.label.name()
    }

    pub(super) fn config(&self) -> &CacheConfig {
        self.common.config()
    }

    /// The table of these types, made if it is the first use of them.
    pub(super) fn table<K: OwnedKey, V: Storable>(
        &self,
        store: impl FnOnce() -> Option<Given<K, V>>,
    ) -> Arc<Table<K, V>> {
        let find = |tables: &Tables| {
            let table = tables.get(&TypeId::of::<(K, V)>())?;
            table.as_any().downcast_ref::<Arc<Table<K, V>>>().cloned()
        };
        let found = find(&self.tables.read().unwrap_or_else(PoisonError::into_inner));
        found.unwrap_or_else(|| {
            // Made before the lock is taken, as the store is code of the user.
            let table = self.new_table(store(), Vec::new());
            let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = find(&tables) {
                return found;
            }
            tables.insert(TypeId::of::<(K, V)>(), Box::new(Arc::clone(&table)));
            // Settings may have changed since it was made.
            table.fit(self.config().get_capacity());
            table
        })
    }

    fn new_table<K: OwnedKey, V: Storable>(
        &self,
        store: Option<Given<K, V>>,
        listeners: Vec<Listener<V>>,
    ) -> Arc<Table<K, V>> {
        Arc::new(Table::new(Arc::clone(&self.common), store, listeners))
    }

    /// A cache with its first table.
    pub(super) fn built<K: OwnedKey, V: Storable>(
        label: Label,
        config: CacheConfig,
        store: Option<Given<K, V>>,
        listeners: Vec<Listener<V>>,
    ) -> (Self, Arc<Table<K, V>>) {
        let instance = Self::new(label, config);
        let table = instance.new_table(store, listeners);
        let first: Box<dyn AnyTable> = Box::new(Arc::clone(&table));
        let tables = HashMap::from([(TypeId::of::<(K, V)>(), first)]);
        (Self { tables: RwLock::new(tables), ..instance }, table)
    }

    pub(super) fn metrics(&self) -> CacheMetrics {
        let (mut entries, mut running, mut waiting) = (0, 0, 0);
        for table in self.tables.read().unwrap_or_else(PoisonError::into_inner).values() {
            let (runs, waits) = table.under_way();
            (entries, running, waiting) = (entries + table.len(), running + runs, waiting + waits);
        }
        let hits = self.common.hits.load(Ordering::Relaxed);
        let misses = self.common.misses.load(Ordering::Relaxed);
        CacheMetrics { hits, misses, entries, running, waiting }
    }

    pub(super) fn clear(&self) {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.values().for_each(|table| table.clear());
    }
}

impl Declarable for Instance {
    fn of_declaration(declaration: &'static Declaration) -> Self {
        Self::declared(declaration)
    }
}

impl Stateful for Instance {
    fn name(&self) -> &str {
        self.name()
    }

    fn snapshot(&self) -> PolicySnapshot {
        let metrics = self.metrics();
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        PolicySnapshot {
            policy: "cache",
            name: self.name().to_owned(),
            details: Details::new()
                .count("entries", count(metrics.entries))
                .count("hits", metrics.hits)
                .count("misses", metrics.misses)
                .count("running", count(metrics.running))
                .count("waiting", count(metrics.waiting)),
        }
    }

    /// The values stay, as far as there is room for them. How long they live is asked when they are.
    fn reconfigure(&self, config: &dyn PolicyConfig) {
        let Some(config) = config.as_any().downcast_ref::<CacheConfig>() else { return };
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.values().for_each(|table| table.fit(config.get_capacity()));
    }

    /// Empty, and nothing counted.
    fn reset(&self) {
        self.clear();
        self.common.hits.store(0, Ordering::Relaxed);
        self.common.misses.store(0, Ordering::Relaxed);
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("name", &self.name())
            .field("config", self.config())
            .field("metrics", &self.metrics())
            .finish_non_exhaustive()
    }
}
