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

    /// Tells it the configuration that is in force from now on, or that its mode is another one; what
    /// it has counted stays as far as it can. It may be told the same one again.
    fn reconfigure(&self, _config: &dyn PolicyConfig) {}
}

/// Instances of one declaration, one for each key.
pub(crate) trait StatefulSet: AsAny + Debug + Send + Sync {
    /// Those that there are.
    fn all(&self) -> Vec<Arc<dyn Stateful>>;
}
