//! A retry around a body that is not known when it is compiled.

use super::run::Heard;
use super::{Hooks, Retry};
use crate::as_policy::AsPolicy;
use crate::attempt::Call;
use crate::budget::{Held, Unlimited};
use crate::executor::{BlockingPolicy, Body, Policy};
use crate::outcome::Flow;

impl<R: Send, H: Hooks<R> + Sync> Policy<R> for Retry<H> {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        macro_rules! guarded {
            ($budget:expr) => {
                crate::__retry!(
                    async,
                    *call,
                    self,
                    None,
                    |_flow| &self.hooks,
                    Heard(&self.hooks),
                    |_retry| $budget,
                    body.run(call).await
                )
            };
        }
        match self.budget() {
            None => guarded!(Unlimited),
            // Boxed, so that a retry without a budget has no room for one in its future.
            Some(budget) => Box::pin(async { guarded!(Held::of(budget)) }).await,
        }
    }
}

impl<R, H: Hooks<R>> BlockingPolicy<R> for Retry<H> {
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        crate::__retry!(
            blocking,
            *call,
            self,
            None,
            |_flow| &self.hooks,
            Heard(&self.hooks),
            |retry| retry.hold(),
            body(call)
        )
    }
}

impl AsPolicy<Self> for Retry {
    fn as_policy(&self) -> &Self {
        self
    }
}
