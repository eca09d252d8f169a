//! An adaptive throttler around a body that is not known when it is compiled.

use super::{AdaptiveThrottler, Hooks};
use crate::as_policy::AsPolicy;
use crate::attempt::Call;
use crate::executor::{BlockingPolicy, Body, Policy};
use crate::listener::Unheard;
use crate::outcome::Flow;
use crate::priority::Caller;

impl<R: Send, H: Hooks<R> + Sync> Policy<R> for AdaptiveThrottler<H> {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        crate::__adaptive_throttler!(
            *call,
            self,
            (None, Caller::new),
            Unheard,
            |_flow| &self.hooks,
            body.run(call).await
        )
    }
}

impl<R, H: Hooks<R>> BlockingPolicy<R> for AdaptiveThrottler<H> {
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        crate::__adaptive_throttler!(
            *call,
            self,
            (None, Caller::new),
            Unheard,
            |_flow| &self.hooks,
            body(call)
        )
    }
}

impl AsPolicy<Self> for AdaptiveThrottler {
    fn as_policy(&self) -> &Self {
        self
    }
}
