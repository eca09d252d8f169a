//! A bulkhead around a body that is not known when it is compiled.

use super::Bulkhead;
use crate::as_policy::AsPolicy;
use crate::attempt::Call;
use crate::executor::{BlockingPolicy, Body, Policy};
use crate::listener::Unheard;
use crate::outcome::Flow;

impl<R: Send> Policy<R> for Bulkhead {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        crate::__bulkhead!(async *call, self, Unheard, body.run(call).await)
    }
}

impl<R> BlockingPolicy<R> for Bulkhead {
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        crate::__bulkhead!(blocking * call, self, Unheard, body(call))
    }
}

impl AsPolicy<Self> for Bulkhead {
    fn as_policy(&self) -> &Self {
        self
    }
}
