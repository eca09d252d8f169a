use crate::executor::conditions::{ByOutcome, Classify, Conditions};
use crate::outcome::Flow;

/// Conditions over one return type.
#[derive(Debug)]
pub struct Judged<R>(pub(super) Conditions<R>);

impl<R> Clone for Judged<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R> Classify<R> for Judged<R> {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        self.0.is_failure(flow)
    }
}

/// What conditions over `R` can be added to.
pub trait IntoJudged<R> {
    /// The conditions so far.
    fn into_judged(self) -> Judged<R>;
}

impl<R> IntoJudged<R> for ByOutcome {
    fn into_judged(self) -> Judged<R> {
        Judged(Conditions::none())
    }
}

impl<R> IntoJudged<R> for Judged<R> {
    fn into_judged(self) -> Self {
        self
    }
}
