use super::Prioritizer;
use super::instance::{Instance, Prioritized};
use std::sync::{Arc, OnceLock};

/// The prioritizer that an instance of a policy belongs to: the first one that a call names, for as
/// long as the instance lives.
#[derive(Debug, Default)]
pub(crate) struct Membership(OnceLock<Arc<Instance>>);

impl Membership {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The prioritizer to ask, if there is one. The first to be named watches the policy from then
    /// on, without keeping it alive.
    #[inline]
    pub(crate) fn of<P: Prioritized + 'static>(
        &self,
        named: Option<&Prioritizer>,
        policy: impl FnOnce() -> Arc<P>,
    ) -> Option<&Instance> {
        let Some(named) = named else { return self.get() };
        let joined = self.0.get_or_init(|| {
            let prioritizer = named.shared();
            let policy: Arc<dyn Prioritized> = policy();
            prioritizer.watch(Arc::downgrade(&policy));
            prioritizer
        });
        Some(joined)
    }

    /// The prioritizer, if it has one.
    #[inline]
    pub(crate) fn get(&self) -> Option<&Instance> {
        self.0.get().map(|prioritizer| &**prioritizer)
    }

    /// The same, to keep.
    pub(crate) fn share(&self) -> Option<Arc<Instance>> {
        self.0.get().map(Arc::clone)
    }
}
