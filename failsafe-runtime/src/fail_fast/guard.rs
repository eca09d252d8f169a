//! A fail-fast around a body that is not known when it is compiled.

use super::{FailFast, Hooks};
use crate::as_policy::AsPolicy;
use crate::attempt::Call;
use crate::executor::{BlockingPolicy, Body, Policy};
use crate::listener::Unheard;
use crate::outcome::Flow;

impl<R: Send, H: Hooks<R> + Sync> Policy<R> for FailFast<H> {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        crate::__fail_fast!(
            async *call,
            self,
            || false,
            none,
            Unheard,
            |_flow| &self.hooks,
            body.run(call).await
        )
    }
}

impl<R, H: Hooks<R>> BlockingPolicy<R> for FailFast<H> {
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        crate::__fail_fast!(
            blocking * call,
            self,
            || false,
            none,
            Unheard,
            |_flow| &self.hooks,
            body(call)
        )
    }
}

impl AsPolicy<Self> for FailFast {
    fn as_policy(&self) -> &Self {
        self
    }
}
