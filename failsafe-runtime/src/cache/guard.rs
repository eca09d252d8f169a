//! A cache around a body that is not known when it is compiled.

use super::flight::Begun;
use super::handle::{Cache, begin};
use super::key::{OwnedKey, Part};
use super::outcome::{CacheIf, Chosen, Holds, Keep, Keeping, Storable, Successes};
use crate::attempt::Call;
use crate::executor::{BlockingPolicy, Body, Policy};
use crate::listener::Unheard;
use crate::outcome::Flow;
use std::fmt;
use std::sync::Arc;

/// A cache with the key of a call: a policy for [`with`](crate::with), made by
/// [`Cache::for_key`] or [`Cache::with_key`].
///
/// ```
/// # use failsafe_runtime::{self as failsafe, Cache, Rejected, Retry};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Rejected> {
/// let users = Cache::<u64, String>::builder().ttl("1m").build();
/// let retry = Retry::builder().max(2).build();
///
/// let user = failsafe::with((users.for_key(7), &retry));
/// let name = user.run(async || Ok::<_, Rejected>("Ada".to_owned())).await?;
/// assert_eq!(name, "Ada");
/// assert_eq!(user.run(async || Ok::<_, Rejected>("Grace".to_owned())).await?, "Ada");
/// # Ok(()) }
/// ```
pub struct CacheLayer<K, V, C = Successes> {
    cache: Cache<K, V>,
    key: Arc<dyn Fn() -> Option<K> + Send + Sync>,
    cache_if: C,
}

impl<K: OwnedKey, V: Storable> CacheLayer<K, V> {
    pub(super) const fn new(
        cache: Cache<K, V>,
        key: Arc<dyn Fn() -> Option<K> + Send + Sync>,
    ) -> Self {
        Self { cache, key, cache_if: Successes }
    }

    /// Keeps the outcomes that a predicate chooses, instead of the successful ones, as far as they have
    /// a `V`: a cache of `Result<T, E>` can keep failures, one of `T` cannot.
    pub fn cache_if<R>(
        self,
        keeps: impl Fn(&R) -> bool + Send + Sync + 'static,
    ) -> CacheLayer<K, V, Chosen<R>> {
        let Self { cache, key, .. } = self;
        CacheLayer { cache, key, cache_if: Chosen(vec![Arc::new(keeps)]) }
    }
}

impl<K, V, R> CacheLayer<K, V, Chosen<R>> {
    /// Keeps the outcomes that this predicate chooses too.
    #[must_use]
    pub fn cache_if(mut self, keeps: impl Fn(&R) -> bool + Send + Sync + 'static) -> Self {
        self.cache_if.0.push(Arc::new(keeps));
        self
    }
}

impl<K: OwnedKey, V: Storable, C> CacheLayer<K, V, C> {
    fn begin(&self) -> Begun<K, V> {
        let key = (self.key)();
        begin(&self.cache, &Holds::new(), key.as_ref().map(Part), || None)
    }
}

impl<R, K, V, C> Policy<R> for CacheLayer<K, V, C>
where
    R: Keep<V> + Send,
    K: OwnedKey,
    V: Storable,
    C: CacheIf<R> + Sync,
{
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        crate::__cache!(
            async *call,
            self.begin(),
            Keeping::new(),
            Unheard,
            Unheard,
            Unheard,
            |outcome| self.cache_if.keeps(outcome),
            body.run(call)
        )
    }
}

impl<R, K, V, C> BlockingPolicy<R> for CacheLayer<K, V, C>
where
    R: Keep<V>,
    K: OwnedKey,
    V: Storable,
    C: CacheIf<R>,
{
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        crate::__cache!(
            blocking * call,
            self.begin(),
            Keeping::new(),
            Unheard,
            Unheard,
            Unheard,
            |outcome| self.cache_if.keeps(outcome),
            body(call)
        )
    }
}

impl<K: OwnedKey, V: Storable, C: Clone> Clone for CacheLayer<K, V, C> {
    fn clone(&self) -> Self {
        let (cache, key) = (self.cache.clone(), Arc::clone(&self.key));
        Self { cache, key, cache_if: self.cache_if.clone() }
    }
}

impl<K, V, C> fmt::Debug for CacheLayer<K, V, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheLayer").field("cache", &self.cache).finish_non_exhaustive()
    }
}
