//! A hedge around a body that is not known when it is compiled.

use super::run::race;
use super::{Hedge, Hooks};
use crate::as_policy::AsPolicy;
use crate::attempt::Call;
use crate::budget::{Held, Unlimited};
use crate::executor::{Body, Policy};
use crate::outcome::Flow;

impl<R: Send, H: Hooks<R> + Send + Sync> Policy<R> for Hedge<H> {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        let attempt = |mut call: Call| async move {
            let flow = body.run(&mut call).await;
            (flow, call)
        };
        match self.budget() {
            None => race(call, || self, &self.hooks, Unlimited, attempt).await,
            // Boxed, so that a hedge without a budget has no room for one in its future.
            Some(budget) => {
                Box::pin(race(call, || self, &self.hooks, Held::of(budget), attempt)).await
            }
        }
    }
}

impl AsPolicy<Self> for Hedge {
    fn as_policy(&self) -> &Self {
        self
    }
}
