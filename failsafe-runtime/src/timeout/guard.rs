//! A timeout around a body that is not known when it is compiled.

use super::{Timeout, within};
use crate::as_policy::AsPolicy;
use crate::attempt::Call;
use crate::executor::{Body, Policy};
use crate::listener::Unheard;
use crate::outcome::Flow;

impl<R: Send> Policy<R> for Timeout {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        within(|| (self, None), Unheard, body.run(call)).await
    }
}

impl AsPolicy<Self> for Timeout {
    fn as_policy(&self) -> &Self {
        self
    }
}
