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
    /// A call that begins, if its user is known and usage is tracked. Boxed, as it is part of the
    /// future of every call, and rare.
    pub(crate) fn begin(prioritizer: &Arc<Instance>, caller: Caller) -> Option<Box<Self>> {
        if prioritizer.usage().is_none() || caller.get_user().is_none() {
            return None;
        }
        Some(Box::new(Self { prioritizer: Arc::clone(prioritizer), caller, since: now() }))
    }

    /// The call has come to its end.
    pub(crate) fn end(self) {
        if let Some(user) = self.caller.get_user() {
            self.prioritizer.record_usage(user, nanos(now().since(self.since)));
        }
    }

    /// Adds to what the user used.
    #[allow(dead_code, reason = "for permits of policies that count other things than time")]
    pub(crate) fn record(&self, usage: u64) {
        if let Some(user) = self.caller.get_user() {
            self.prioritizer.record_usage(user, usage);
        }
    }
}

impl fmt::Debug for InUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InUse").field("caller", &self.caller).finish_non_exhaustive()
    }
}
