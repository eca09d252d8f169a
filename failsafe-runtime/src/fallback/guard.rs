//! A fallback around a body that is not known when it is compiled.

use super::{Answerer, Fallback, answered, judge};
use crate::attempt::Call;
use crate::executor::{BlockingPolicy, Body, Policy};
use crate::outcome::{Failure, Flow, Outcome};

impl<R: Outcome + Send + 'static> Policy<R> for Fallback<R> {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        let flow = body.run(call).await;
        let answer = match judge(&self.label, call, flow, self) {
            Ok(flow) => return flow,
            Err(failure) => match &self.answerer {
                Answerer::Sync(answer) => answer(failure),
                Answerer::Async(answer) => answer(failure).await,
            },
        };
        self.settle(call, answer)
    }
}

impl<R: Outcome> BlockingPolicy<R> for Fallback<R> {
    /// # Panics
    ///
    /// When the fallback is asynchronous.
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        let flow = body(call);
        let answer = match judge(&self.label, call, flow, self) {
            Ok(flow) => return flow,
            Err(failure) => self.answer_now(failure),
        };
        self.settle(call, answer)
    }
}

impl<R: Outcome> Fallback<R> {
    fn settle(&self, call: &mut Call, answer: R) -> Flow<R> {
        let failed = answer.is_failure();
        answered(&self.label, call, answer, failed, self)
    }
}

impl<R> Fallback<R> {
    fn answer_now(&self, failure: Failure<R>) -> R {
        match &self.answerer {
            Answerer::Sync(answer) => answer(failure),
            Answerer::Async(_) => panic!(
                "the fallback `{}` is asynchronous, so it cannot answer for a blocking body: build \
                 it with `Fallback::with`",
                self.name()
            ),
        }
    }
}
