//! A rate limiter around a body that is not known when it is compiled.

use super::RateLimiter;
use crate::as_policy::AsPolicy;
use crate::attempt::Call;
use crate::executor::{BlockingPolicy, Body, Policy};
use crate::listener::Unheard;
use crate::outcome::Flow;

impl<R: Send> Policy<R> for RateLimiter {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        crate::__rate_limiter!(async *call, self, 1, Unheard, body.run(call).await)
    }
}

impl<R> BlockingPolicy<R> for RateLimiter {
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        crate::__rate_limiter!(blocking * call, self, 1, Unheard, body(call))
    }
}

impl AsPolicy<Self> for RateLimiter {
    fn as_policy(&self) -> &Self {
        self
    }
}
