//! How each policy guards a body that is not known when it is compiled.

use crate::attempt::Call;
use crate::circuit_breaker::{self, CircuitBreaker, Unheard};
use crate::fallback::{Answerer, Fallback, answered, judge};
use crate::outcome::{Failure, Flow, Outcome};
use crate::retry::{self, Retry};
use crate::timeout::{Timeout, TimeoutEvent, within};
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
    fn guard<B: Body<R>>(
        &self,
        call: &mut Call,
        body: &B,
    ) -> impl Future<Output = Flow<R>> + Send;
}

/// A policy, or several of them, around a blocking body.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot guard a blocking body that returns `{R}`",
    note = "a timeout works by dropping a future; a blocking body cannot be stopped from outside"
)]
pub trait BlockingPolicy<R> {
    /// Runs the body under the policy.
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R>;
}

impl<R: Send, H: retry::Hooks<R> + Sync> Policy<R> for Retry<H> {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        crate::__retry!(
            async,
            call,
            self,
            |retry| retry.config(),
            |_flow| &self.hooks,
            body.run(call).await
        )
    }
}

impl<R, H: retry::Hooks<R>> BlockingPolicy<R> for Retry<H> {
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        crate::__retry!(
            blocking,
            call,
            self,
            |retry| retry.config(),
            |_flow| &self.hooks,
            body(call)
        )
    }
}

impl<R: Send, H: circuit_breaker::Hooks<R> + Sync> Policy<R> for CircuitBreaker<H> {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        crate::__circuit_breaker!(
            call,
            self,
            Unheard,
            |_flow| &self.hooks,
            body.run(call).await
        )
    }
}

impl<R, H: circuit_breaker::Hooks<R>> BlockingPolicy<R> for CircuitBreaker<H> {
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        crate::__circuit_breaker!(call, self, Unheard, |_flow| &self.hooks, body(call))
    }
}

impl<R: Send> Policy<R> for Timeout {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        let unheard = None::<fn(&TimeoutEvent<'_>)>;
        within(self, Timeout::config, unheard, body.run(call)).await
    }
}

impl<R: Outcome + Send + 'static> Policy<R> for Fallback<R> {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        let flow = body.run(call).await;
        let answer = match judge(&self.label, call, flow, self) {
            Ok(flow) => return flow,
            Err(failure) => match &self.answerer {
                Answerer::Sync(answer) => answer(failure),
                Answerer::Async(answer) => answer(failure).await,
            },
        };
        self.settle(call, answer)
    }
}

impl<R: Outcome> BlockingPolicy<R> for Fallback<R> {
    /// # Panics
    ///
    /// When the fallback is asynchronous.
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        let flow = body(call);
        let answer = match judge(&self.label, call, flow, self) {
            Ok(flow) => return flow,
            Err(failure) => self.answer_now(failure),
        };
        self.settle(call, answer)
    }
}

impl<R: Outcome> Fallback<R> {
    fn settle(&self, call: &mut Call, answer: R) -> Flow<R> {
        let failed = answer.is_failure();
        answered(&self.label, call, answer, failed, self)
    }
}

impl<R> Fallback<R> {
    fn answer_now(&self, failure: Failure<R>) -> R {
        match &self.answerer {
            Answerer::Sync(answer) => answer(failure),
            Answerer::Async(_) => panic!(
                "the fallback `{}` is asynchronous, so it cannot answer for a blocking body: build \
                 it with `Fallback::with`",
                self.name()
            ),
        }
    }
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
    fn guard<B: Body<R>>(
        &self,
        call: &mut Call,
        body: &B,
    ) -> impl Future<Output = Flow<R>> + Send {
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
