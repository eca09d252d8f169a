//! What a registry asks of a policy with state, whichever it is.

use failsafe_config::PolicyConfig;
use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

/// The same, for those that know its type.
pub(crate) trait AsAny: Any {
    /// The same.
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<T: Any + Send + Sync> AsAny for T {
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

/// One instance of a stateful policy.
pub(crate) trait Stateful: AsAny + Debug + Send + Sync {
    /// Its name.
    fn name(&self) -> &str;

    /// Its state at this time, for a snapshot.
    fn snapshot(&self) -> crate::registry::PolicySnapshot;

    /// Puts it back to its start.
    fn reset(&self);

    /// Tells it that this configuration is in force now, or another mode: what it has to do at once,
    /// such as to wake those who wait. Whoever decides with it before it is told finds out by itself, by
    /// its [`Current`](crate::current::Current). What it has counted stays as far as it can. It may be
    /// told the same again.
    fn reconfigure(&self, _config: &dyn PolicyConfig) {}
}

/// Instances of one declaration, one for each key.
pub(crate) trait StatefulSet: AsAny + Debug + Send + Sync {
    /// Those that there are.
    fn all(&self) -> Vec<Arc<dyn Stateful>>;
}
