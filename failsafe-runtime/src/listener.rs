//! Calls of user code that must not break the bookkeeping of a policy.

use crate::attempt::Counters;
use crate::events::{self, What};
use crate::label::Label;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls a listener; a panic in it ends here.
pub(crate) fn guard<T>(listener: impl FnOnce() -> T) -> Result<T, ()> {
    // The listener's captures are not looked at again by us.
    catch_unwind(AssertUnwindSafe(listener)).map_err(drop)
}

/// Calls a listener of a policy; a panic in it is reported as an event, and the call goes on.
pub(crate) fn call(
    policy: &'static str,
    label: &Label,
    counters: Counters,
    listener: impl FnOnce(),
) {
    if guard(listener).is_err() {
        events::emit(policy, || label.clone(), counters, What::ListenerPanicked);
    }
}

/// Somebody who may hear of an event.
pub trait Hear<E> {
    /// Whether anybody does.
    fn is_heard(&self) -> bool {
        true
    }

    /// Hears of it.
    fn hear(&self, event: &E);
}

/// Nobody.
#[derive(Debug)]
pub struct Unheard;

impl<E> Hear<E> for Unheard {
    fn is_heard(&self) -> bool {
        false
    }

    fn hear(&self, _: &E) {}
}

impl<E, F: Fn(&E)> Hear<E> for F {
    fn hear(&self, event: &E) {
        self(event);
    }
}

/// What an event that has the `counters` of its call tells of them.
macro_rules! counted {
    ($event:ty $(, $generic:ident)?) => {
        impl$(<$generic>)? $event {
            /// Attempts the call has begun so far; 0 where there is no call.
            pub const fn attempts(&self) -> u32 {
                self.counters.attempts
            }

            /// Retries the call has begun so far.
            pub const fn retries(&self) -> u32 {
                self.counters.retries
            }
        }
    };
}

pub(crate) use counted;

/// What a declaration has that uses nothing of the function it stands on: it belongs to the
/// instance, whoever uses that.
macro_rules! listeners {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $option:ident: $code:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default)]
        #[allow(clippy::struct_field_names, reason = "a field has the name of its option")]
        pub struct $name {
            $(pub(crate) $option: Option<$code>,)*
        }

        impl $name {
            /// None.
            pub const fn new() -> Self {
                Self { $($option: None,)* }
            }

            $(
                $(#[$about])*
                #[must_use]
                pub const fn $option(mut self, code: $code) -> Self {
                    self.$option = Some(code);
                    self
                }
            )*
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use listeners;
