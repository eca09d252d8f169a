//! An adaptive limiter around a body that is not known when it is compiled.

use super::AdaptiveLimiter;
use crate::as_policy::AsPolicy;
use crate::attempt::Call;
use crate::executor::conditions::Classify;
use crate::executor::{BlockingPolicy, Body, Policy};
use crate::listener::Unheard;
use crate::outcome::Flow;
use crate::priority::Caller;

impl<R: Send, H: Classify<R> + Sync> Policy<R> for AdaptiveLimiter<H> {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        crate::__adaptive_limiter!(
            async *call,
            self,
            (None, Caller::new),
            |flow| self.hooks.is_failure(flow),
            (Unheard, Unheard),
            body.run(call).await
        )
    }
}

impl<R, H: Classify<R>> BlockingPolicy<R> for AdaptiveLimiter<H> {
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        crate::__adaptive_limiter!(
            blocking * call,
            self,
            (None, Caller::new),
            |flow| self.hooks.is_failure(flow),
            (Unheard, Unheard),
            body(call)
        )
    }
}

impl AsPolicy<Self> for AdaptiveLimiter {
    fn as_policy(&self) -> &Self {
        self
    }
}
