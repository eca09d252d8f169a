use crate::attempt::Counters;
use crate::events::What;
use crate::listener::counted;
use std::fmt;
use std::sync::Arc;

/// A listener in a builder.
pub(super) type Listener<V> = Arc<dyn Fn(&CacheEvent<'_, V>) + Send + Sync>;

/// What a listener of a cache hears.
pub struct CacheEvent<'a, V> {
    pub(super) name: &'a str,
    pub(super) what: What,
    pub(super) counters: Counters,
    pub(super) value: Option<&'a V>,
}

impl<V> CacheEvent<'_, V> {
    /// The name of the cache, or the path of its function.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// What happened: `Hit`, `Miss` or `Cached`.
    pub const fn what(&self) -> What {
        self.what
    }

    /// The value that answers the call, in `on_hit`, or that is kept, in `on_cached`.
    pub const fn value(&self) -> Option<&V> {
        self.value
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        self.what.name() == name
    }
}

counted!(CacheEvent<'_, V>, V);

impl<V> fmt::Debug for CacheEvent<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheEvent")
            .field("name", &self.name)
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

/// The listeners of a cache in an attribute; what is kept tells them their type.
#[doc(hidden)]
pub const fn hears<V, L>(_holds: &super::Holds<V>, listeners: L) -> L
where
    L: Fn(&CacheEvent<'_, V>),
{
    listeners
}
