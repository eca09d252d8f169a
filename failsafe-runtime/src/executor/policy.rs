//! What a policy is to an executor, and how several of them nest.

use crate::attempt::Call;
use crate::outcome::Flow;
use std::future::Future;
use std::sync::Arc;

/// What a policy guards: the user's code, or further policies around it.
pub trait Body<R>: Sync {
    /// Runs it once.
    fn run(&self, call: &mut Call) -> impl Future<Output = Flow<R>> + Send;
}

/// A policy, or several of them, around an asynchronous body.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a policy for a body that returns `{R}`",
    note = "a `Retry` or `CircuitBreaker` without conditions needs a return type with a failure \
            case, such as a `Result`"
)]
pub trait Policy<R>: Sync {
    /// Runs the body under the policy.
    fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> impl Future<Output = Flow<R>> + Send;
}

/// A policy, or several of them, around a blocking body.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot guard a blocking body that returns `{R}`",
    note = "a timeout works by dropping a future; a blocking body cannot be stopped from outside"
)]
pub trait BlockingPolicy<R> {
    /// Runs the body under the policy.
    ///
    /// # Errors
    ///
    /// The rejection of a policy.
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R>;
}

/// A policy around a body: a body for the next policy outwards.
struct Inside<'a, P, B> {
    policy: &'a P,
    body: &'a B,
}

impl<R, P: Policy<R>, B: Body<R>> Body<R> for Inside<'_, P, B> {
    fn run(&self, call: &mut Call) -> impl Future<Output = Flow<R>> + Send {
        self.policy.guard(call, self.body)
    }
}

impl<R: Send> Policy<R> for () {
    fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> impl Future<Output = Flow<R>> + Send {
        body.run(call)
    }
}

impl<R> BlockingPolicy<R> for () {
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        body(call)
    }
}

macro_rules! shared_policy {
    ($($pointer:ty),*) => {$(
        impl<R, P: Policy<R> + Send> Policy<R> for $pointer {
            fn guard<B: Body<R>>(
                &self,
                call: &mut Call,
                body: &B,
            ) -> impl Future<Output = Flow<R>> + Send {
                (**self).guard(call, body)
            }
        }

        impl<R, P: BlockingPolicy<R>> BlockingPolicy<R> for $pointer {
            fn guard_blocking(
                &self,
                call: &mut Call,
                body: &mut dyn FnMut(&mut Call) -> Flow<R>,
            ) -> Flow<R> {
                (**self).guard_blocking(call, body)
            }
        }
    )*};
}

shared_policy!(Arc<P>, &P);

/// A tuple is its first policy around the tuple of the rest.
macro_rules! tuple_policy {
    ($first:ident $($rest:ident)*) => {
        impl<R: Send, $first: Policy<R>, $($rest: Policy<R>),*> Policy<R> for ($first, $($rest,)*) {
            #[allow(non_snake_case, reason = "the variables are named as the types")]
            async fn guard<Inner: Body<R>>(&self, call: &mut Call, body: &Inner) -> Flow<R> {
                let ($first, $($rest,)*) = self;
                tuple_policy!(@nest call body $first $($rest)*)
            }
        }

        impl<R, $first: BlockingPolicy<R>, $($rest: BlockingPolicy<R>),*> BlockingPolicy<R>
            for ($first, $($rest,)*)
        {
            #[allow(non_snake_case, reason = "the variables are named as the types")]
            fn guard_blocking(
                &self,
                call: &mut Call,
                body: &mut dyn FnMut(&mut Call) -> Flow<R>,
            ) -> Flow<R> {
                let ($first, $($rest,)*) = self;
                tuple_policy!(@block call body $first $($rest)*)
            }
        }

        tuple_policy!($($rest)*);
    };
    () => {};
    (@nest $call:ident $body:expr, $policy:ident) => {
        $policy.guard($call, $body).await
    };
    (@nest $call:ident $body:ident $only:ident) => {
        $only.guard($call, $body).await
    };
    (@nest $call:ident $body:ident $first:ident $($rest:ident)+) => {
        $first.guard($call, &tuple_policy!(@body $body $($rest)+)).await
    };
    (@body $body:ident $only:ident) => {
        Inside { policy: $only, body: $body }
    };
    (@body $body:ident $first:ident $($rest:ident)+) => {
        Inside { policy: $first, body: &tuple_policy!(@body $body $($rest)+) }
    };
    (@block $call:ident $body:ident $only:ident) => {
        $only.guard_blocking($call, $body)
    };
    (@block $call:ident $body:ident $first:ident $($rest:ident)+) => {
        $first.guard_blocking($call, &mut |call: &mut Call| {
            tuple_policy!(@block call $body $($rest)+)
        })
    };
}

tuple_policy!(A B C D E F G H);
