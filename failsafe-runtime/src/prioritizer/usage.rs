use super::instance::Instance;
use crate::clock::{Moment, nanos, now};
use crate::priority::Caller;
use std::fmt;
use std::sync::Arc;

/// A call whose time counts as usage of its user.
pub(crate) struct InUse {
    prioritizer: Arc<Instance>,
    caller: Caller,
    since: Moment,
}

impl InUse {
    /// A call of a user that begins.
    pub(crate) fn begin(prioritizer: Arc<Instance>, caller: Caller) -> Self {
        Self { prioritizer, caller, since: now() }
    }

    /// The call has come to its end.
    pub(crate) fn end(self) {
        if let Some(user) = self.caller.get_user() {
            self.prioritizer.record_usage(user, nanos(now().since(self.since)));
        }
    }
}

impl fmt::Debug for InUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InUse").field("caller", &self.caller).finish_non_exhaustive()
    }
}
