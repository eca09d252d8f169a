//! What a registry asks of a policy with state, whichever it is.

use failsafe_config::PolicyConfig;
use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

/// One instance of a stateful policy.
pub(crate) trait Stateful: Any + Debug + Send + Sync {
    /// Its name.
    fn name(&self) -> &str;

    /// Its state at this time, for a snapshot.
    fn snapshot(&self) -> crate::registry::PolicySnapshot;

    /// Puts it back to its start.
    fn reset(&self);

    /// Tells it the configuration that is in force from now on, or that its mode is another one; what
    /// it has counted stays as far as it can. It may be told the same one again.
    fn reconfigure(&self, _config: &dyn PolicyConfig) {}

    /// The same, for the policy that knows its type.
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// Instances of one declaration, one for each key.
pub(crate) trait StatefulSet: Any + Debug + Send + Sync {
    /// Those that there are.
    fn all(&self) -> Vec<Arc<dyn Stateful>>;

    /// The same, for the policy that knows its type.
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}
