//! Instances that an attribute can name: `#[circuit_breaker(SVC_B)]`, `#[retry(self.retry)]`.

use std::ops::Deref;
use std::sync::{Arc, LazyLock};

/// Something that holds a policy of the type `P`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `{P}`",
    label = "this attribute needs a `{P}` here",
    note = "name a static made by `failsafe::policy!(..)`, or a field that is a `{P}` or an `Arc` \
            of one"
)]
pub trait AsPolicy<P> {
    /// The policy.
    fn as_policy(&self) -> &P;
}

macro_rules! pointer {
    ($($pointer:ty),*) => {$(
        impl<P, T: AsPolicy<P>> AsPolicy<P> for $pointer {
            fn as_policy(&self) -> &P {
                self.deref().as_policy()
            }
        }
    )*};
}

pointer!(Arc<T>, Box<T>, &T, LazyLock<T>);
