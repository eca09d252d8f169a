//! A feature toggle before a body that is not known when it is compiled.

use super::{FeatureToggle, Otherwise};
use crate::as_policy::AsPolicy;
use crate::attempt::Call;
use crate::executor::{BlockingPolicy, Body, Policy};
use crate::listener::Unheard;
use crate::outcome::Flow;

impl<R: Send, O: Otherwise<R> + Sync> Policy<R> for FeatureToggle<O> {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        crate::__feature_toggle!(*call, self, || true, Unheard, body.run(call).await)
    }
}

impl<R, O: Otherwise<R>> BlockingPolicy<R> for FeatureToggle<O> {
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        crate::__feature_toggle!(*call, self, || true, Unheard, body(call))
    }
}

impl AsPolicy<Self> for FeatureToggle {
    fn as_policy(&self) -> &Self {
        self
    }
}
