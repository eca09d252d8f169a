//! A call on its way through the steps.

use super::{Policies, Step, Turn, Wish};
use crate::attempt::Call;
use crate::events;
use crate::outcome::{self, Flow};
use crate::site::Declaration;
use crate::typed::Answer;
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

pin_project! {
    /// What a call shares with those of other functions: all but its body.
    struct Course<R, S, A> {
        call: Call,
        declared: &'static [Declaration],
        answers: A,
        #[pin]
        steps: S,
        outcome: PhantomData<fn() -> R>,
    }
}

/// A call that begins.
// Its type is told to nobody: the less of it a function knows, the less the compiler has to prove in each.
pub fn course<P: Policies, R, A: Answer<R> + Send + Sync>(
    declared: &'static [Declaration],
    call: Call,
    answers: A,
) -> impl Goes<R> + Send + Sync {
    let steps = <P::Steps<R, A> as Step<R, A>>::NEW;
    Course { call, declared, answers, steps, outcome: PhantomData }
}

/// A course of whatever steps: the function around it need not know which.
pub trait Goes<R> {
    /// Goes on with this body. None means that the body has to go, and the call goes on with another one, which it may
    /// have no use for.
    fn poll(
        self: Pin<&mut Self>,
        body: Pin<&mut dyn Future<Output = R>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Flow<R>>>;
}

impl<R, S: Step<R, A>, A: Answer<R>> Goes<R> for Course<R, S, A> {
    fn poll(
        self: Pin<&mut Self>,
        body: Pin<&mut dyn Future<Output = R>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Flow<R>>> {
        let this = self.project();
        let (call, answers) = (this.call, this.answers);
        let mut turn = Turn { call, answers, cx, body, wish: Wish::None };
        match this.steps.poll(this.declared, &mut turn) {
            Poll::Ready(flow) => {
                if events::active() {
                    tell(turn.call, this.declared, !answers.is_failure(&flow));
                }
                Poll::Ready(Some(flow))
            }
            Poll::Pending if turn.wish == Wish::None => Poll::Pending,
            Poll::Pending => Poll::Ready(None),
        }
    }
}

/// What a call comes to whose only body had to go.
#[cold]
pub fn without_body<R>(course: Pin<&mut dyn Goes<R>>) -> Flow<R> {
    let body = std::pin::pin!(std::future::pending());
    match course.poll(body, &mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Some(flow)) => flow,
        _ => unreachable!("no policy here makes another attempt"),
    }
}

/// Tells that a call is over.
#[cold]
fn tell(call: &Call, declared: &'static [Declaration], success: bool) {
    if let Some(declaration) = declared.first() {
        outcome::done(call, declaration.function(), success);
    }
}

pin_project! {
    /// A call as long as it goes on with one body. What is here is compiled for each function, so it is little.
    pub struct Attempt<'c, R, B> {
        pub course: Pin<&'c mut (dyn Goes<R> + Send + Sync)>,
        #[pin]
        pub body: B,
    }
}

impl<B: Future> Future for Attempt<'_, B::Output, B> {
    type Output = Option<Flow<B::Output>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.course.as_mut().poll(this.body, cx)
    }
}

impl<R, B> fmt::Debug for Attempt<'_, R, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").finish_non_exhaustive()
    }
}
