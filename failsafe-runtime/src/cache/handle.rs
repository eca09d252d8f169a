//! The handles of a cache: one that knows its types, one that does not, and the one in the static of
//! a function.

use super::builder::CacheBuilder;
use super::flight::{Begun, Turn};
use super::guard::CacheLayer;
use super::instance::{CacheMetrics, Instance};
use super::key::{Key, Lookup, OwnedKey, Part};
use super::outcome::{Holds, Storable};
use super::store::{Given, Store};
use super::table::Table;
use crate::registry::Registry;
use crate::site::Declaration;
use crate::source::Source;
use failsafe_config::CacheConfig;
use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock, OnceLock};

/// A cache of values `V` under keys `K`: a handle of one; clones share its values.
///
/// ```
/// # use failsafe_runtime::Cache;
/// let users = Cache::<u64, String>::builder().capacity(100).ttl("1m").build();
/// users.insert(7, "Ada".to_owned());
/// assert_eq!(users.get(&7).as_deref(), Some("Ada"));
/// users.invalidate(&7);
/// assert_eq!(users.get(&7), None);
/// ```
pub struct Cache<K, V> {
    source: Source<Instance>,
    /// The table of the process.
    table: OnceLock<Arc<Table<K, V>>>,
}

impl<K: OwnedKey, V: Storable> Cache<K, V> {
    /// A cache as `policy!` declares it.
    #[doc(hidden)]
    pub const fn declared((declaration, _): (&'static Declaration, CacheConfig)) -> Self {
        Self { source: Source::Declared(declaration, OnceLock::new()), table: OnceLock::new() }
    }

    pub(super) fn built(instance: Instance, table: Arc<Table<K, V>>) -> (Arc<Instance>, Self) {
        let instance = Arc::new(instance);
        let source = Source::Built(Arc::clone(&instance));
        (instance, Self { source, table: OnceLock::from(table) })
    }

    /// Builds a cache at run time.
    pub const fn builder() -> CacheBuilder<K, V> {
        CacheBuilder::new()
    }

    /// Its name: the one it was given, or the path of the static it stands in.
    pub fn name(&self) -> String {
        self.source.look(|instance| instance.name().to_owned())
    }

    /// What it was told.
    pub fn config(&self) -> CacheConfig {
        self.source.look(|instance| *instance.config())
    }

    /// What it has done so far.
    pub fn metrics(&self) -> CacheMetrics {
        self.source.look(Instance::metrics)
    }

    /// A clone of the value under a key, if there is one and its time is not over.
    pub fn get<Q: Key<Owned = K> + ?Sized>(&self, key: &Q) -> Option<V> {
        self.table(|table| {
            let part = Part(key);
            let found = table.find(&table.asked(&part));
            table.count(found.is_some());
            found.map(|found| found.value().clone())
        })
    }

    /// Keeps a value under a key, instead of the one that may be there. Calls that run for the key are
    /// not disturbed, and what they return will replace it.
    pub fn insert(&self, key: K, value: V) {
        self.table(|table| table.insert(key, value));
    }

    /// Forgets the value of a key. What a call returns that runs for it now, and so may have looked
    /// before the change, is not kept, and calls that begin from now on do not wait for it.
    pub fn invalidate<Q: Key<Owned = K> + ?Sized>(&self, key: &Q) {
        self.table(|table| table.invalidate(&Part(key)));
    }

    /// Forgets all values, as [`invalidate`](Self::invalidate) does one.
    pub fn clear(&self) {
        self.source.look(Instance::clear);
    }

    /// How many values are kept, those included whose time is over and that nobody has asked for
    /// since.
    pub fn len(&self) -> usize {
        self.metrics().entries()
    }

    /// Whether no value is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// This cache around calls whose key a function says, as a policy for [`with`](crate::with); it is
    /// asked once for each call, and `None` is a call that is not cached.
    ///
    /// ```
    /// # use failsafe_runtime::{self as failsafe, Cache, Rejected};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let pages = Cache::<String, u32>::builder().build();
    /// let tenant = || Some("acme".to_owned()); // of a task-local, say
    /// let cached = failsafe::with(pages.with_key(tenant));
    /// for _ in 0..3 {
    ///     assert_eq!(cached.run(async || Ok::<_, Rejected>(7)).await.unwrap(), 7);
    /// }
    /// assert_eq!((pages.metrics().misses(), pages.metrics().hits()), (1, 2));
    /// # }
    /// ```
    pub fn with_key(
        &self,
        key: impl Fn() -> Option<K> + Send + Sync + 'static,
    ) -> CacheLayer<K, V> {
        CacheLayer::new(self.clone(), Arc::new(key))
    }

    /// This cache around calls for one key, as a policy for [`with`](crate::with).
    pub fn for_key(&self, key: K) -> CacheLayer<K, V> {
        self.with_key(move || Some(key.clone()))
    }

    /// What it holds.
    #[doc(hidden)]
    pub const fn holds(&self) -> Holds<V> {
        Holds::new()
    }

    fn table<T>(&self, look: impl FnOnce(&Arc<Table<K, V>>) -> T) -> T {
        self.look(|| None, look)
    }
}

/// Something that has tables of keys `K` and values `V`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this is a `{Self}`, and the function's keys are `{K}` and its values `{V}`",
    label = "the types of this cache are others than those of the function",
    note = "the key `(a, b)` of an attribute has the owned types of its parts, such as \
            `(String, u64)` of a `&str` and a `u64`"
)]
pub trait Tables<K, V> {
    /// Begins a call: it is answered, has to run, or waits for one that runs. A table that is not
    /// there yet has this store.
    fn begin<L: Lookup<Owned = K>>(
        &self,
        key: Option<&L>,
        store: impl FnOnce() -> Option<Given<K, V>>,
    ) -> Begun<K, V>;
}

fn begin_in<K: OwnedKey, V: Storable>(
    table: &Arc<Table<K, V>>,
    key: Option<&impl Lookup<Owned = K>>,
) -> Begun<K, V> {
    match key {
        Some(key) => table.begin(key),
        None => Begun::Ready(Turn::Run(table.keyless())),
    }
}

impl<K: OwnedKey, V: Storable> Cache<K, V> {
    fn look<T>(
        &self,
        store: impl FnOnce() -> Option<Given<K, V>>,
        look: impl FnOnce(&Arc<Table<K, V>>) -> T,
    ) -> T {
        if matches!(self.source, Source::Declared(..)) && Registry::any_scope() {
            return look(&self.source.look(|instance| instance.table(store)));
        }
        look(self.table.get_or_init(|| self.source.look(|instance| instance.table(store))))
    }
}

impl<K: OwnedKey, V: Storable> Tables<K, V> for Cache<K, V> {
    fn begin<L: Lookup<Owned = K>>(
        &self,
        key: Option<&L>,
        store: impl FnOnce() -> Option<Given<K, V>>,
    ) -> Begun<K, V> {
        self.look(store, |table| begin_in(table, key))
    }
}

/// The cache of a function: its types are known where it is called.
#[doc(hidden)]
pub struct DeclaredCache {
    source: Source<Instance>,
    /// The `Arc` of the first table in use, which for most functions is the only one.
    first: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl DeclaredCache {
    /// The cache of a declaration.
    pub const fn declared((declaration, _): (&'static Declaration, CacheConfig)) -> Self {
        Self { source: Source::Declared(declaration, OnceLock::new()), first: OnceLock::new() }
    }
}

impl<K: OwnedKey, V: Storable> Tables<K, V> for DeclaredCache {
    fn begin<L: Lookup<Owned = K>>(
        &self,
        key: Option<&L>,
        store: impl FnOnce() -> Option<Given<K, V>>,
    ) -> Begun<K, V> {
        let find = || self.source.look(|instance| instance.table(store));
        if Registry::any_scope() {
            return begin_in(&find(), key);
        }
        match self.first.get().map(|first| first.downcast_ref::<Arc<Table<K, V>>>()) {
            Some(Some(table)) => begin_in(table, key),
            // A generic function, with other types than at first.
            Some(None) => begin_in(&find(), key),
            None => {
                let table = find();
                let _ = self.first.set(Box::new(Arc::clone(&table)));
                begin_in(&table, key)
            }
        }
    }
}

impl fmt::Debug for DeclaredCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.look(|instance| fmt::Debug::fmt(instance, f))
    }
}

/// Something that holds a [`Cache`], for `#[cache(USERS, ..)]`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `Cache`",
    label = "this attribute needs a `Cache` here",
    note = "name a static made by `failsafe::policy!(cache(..))`, or a field that is a `Cache` or an \
            `Arc` of one"
)]
pub trait AsCache {
    /// Its keys.
    type Key: OwnedKey;
    /// Its values.
    type Value: Storable;

    /// The cache.
    fn as_cache(&self) -> &Cache<Self::Key, Self::Value>;
}

impl<K: OwnedKey, V: Storable> AsCache for Cache<K, V> {
    type Key = K;
    type Value = V;

    fn as_cache(&self) -> &Self {
        self
    }
}

macro_rules! pointer {
    ($($pointer:ty),*) => {$(
        impl<T: AsCache> AsCache for $pointer {
            type Key = T::Key;
            type Value = T::Value;

            fn as_cache(&self) -> &Cache<T::Key, T::Value> {
                self.deref().as_cache()
            }
        }
    )*};
}

pointer!(Arc<T>, Box<T>, &T, LazyLock<T>);

/// The cache that an attribute names.
#[doc(hidden)]
pub fn instance<C: AsCache>(cache: &C) -> &Cache<C::Key, C::Value> {
    cache.as_cache()
}

/// The store in an attribute.
#[doc(hidden)]
pub fn given<K, V, S: Store<K, V> + 'static>(store: S) -> Option<Given<K, V>> {
    Some(Arc::new(store))
}

/// Begins a call: it is answered, has to run, or waits for one that runs.
#[doc(hidden)]
#[expect(clippy::needless_pass_by_value, reason = "what the key lends is given back here")]
pub fn begin<K, V, C, L>(
    cache: &C,
    _holds: &Holds<V>,
    key: Option<L>,
    store: impl FnOnce() -> Option<Given<K, V>>,
) -> Begun<K, V>
where
    C: Tables<K, V>,
    L: Lookup<Owned = K>,
{
    cache.begin(key.as_ref(), store)
}

impl<K: OwnedKey, V: Storable> Clone for Cache<K, V> {
    fn clone(&self) -> Self {
        let table = self.table(Arc::clone);
        Self { source: Source::Built(self.source.share()), table: OnceLock::from(table) }
    }
}

impl<K, V> fmt::Debug for Cache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.look(|instance| fmt::Debug::fmt(instance, f))
    }
}

/// A cache, whatever its types: what an operator can do with one.
///
/// ```
/// # use failsafe_runtime::{self as failsafe, Cache};
/// # let users = Cache::<u64, String>::builder().name("users of the example").build();
/// # users.insert(1, String::new());
/// let found = failsafe::registry().cache("users of the example").unwrap();
/// assert_eq!(found.len(), 1);
/// found.clear();
/// assert!(found.is_empty());
/// ```
#[derive(Clone)]
pub struct AnyCache(Arc<Instance>);

impl AnyCache {
    /// Its name: the one it was given, or the path of the function it stands on.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// What it was told.
    pub fn config(&self) -> CacheConfig {
        *self.0.config()
    }

    /// What it has done so far.
    pub fn metrics(&self) -> CacheMetrics {
        self.0.metrics()
    }

    /// Forgets all values. What calls return that run now is not kept.
    pub fn clear(&self) {
        self.0.clear();
    }

    /// How many values are kept, of all types together.
    pub fn len(&self) -> usize {
        self.metrics().entries()
    }

    /// Whether no value is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for AnyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Registry {
    /// The cache of that name: the live one, or a new one if it is declared somewhere in the binary
    /// but nobody has called it yet.
    pub fn cache(&self, name: &str) -> Option<AnyCache> {
        self.find("cache", name, Instance::declared).map(AnyCache)
    }
}
