//! A call on its way through the steps.

use super::{Policies, Step, Turn, Why};
use crate::attempt::Call;
use crate::events;
use crate::outcome::{self, Flow};
use crate::rejected::Rejected;
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
        answers: A,
        #[pin]
        steps: S,
        outcome: PhantomData<fn() -> R>,
    }
}

/// A call that begins.
// Its type is told to nobody: the less of it a function knows, the less the compiler has to prove in each.
#[inline(never)]
pub fn course<P: Policies, R, A: Answer<R> + Send + Sync>(
    answers: A,
) -> impl Goes<R> + Send + Sync {
    begin::<P, R, A>(Call::new(), answers)
}

/// The same, of a call that knows when it begins.
#[inline(never)]
pub fn timed_course<P: Policies, R, A: Answer<R> + Send + Sync>(
    answers: A,
) -> impl Goes<R> + Send + Sync {
    begin::<P, R, A>(Call::timed(), answers)
}

#[inline]
fn begin<P: Policies, R, A: Answer<R>>(call: Call, answers: A) -> Course<R, P::Steps<R, A>, A> {
    Course { call, answers, steps: <P::Steps<R, A> as Step<R, A>>::NEW, outcome: PhantomData }
}

/// How a call goes on with one body.
#[derive(Debug)]
pub enum Going {
    /// It waits to be woken, or has come to an outcome.
    On,
    /// The body has to go, and the call goes on with another one, which it may have no use for.
    WithoutBody,
    /// It is rejected.
    Rejected(Rejected),
}

/// A course of whatever steps: the function around it need not know which.
pub trait Goes<R> {
    /// Goes on with this body.
    fn poll(
        self: Pin<&mut Self>,
        at: (&'static [Declaration], &mut Going),
        body: Pin<&mut dyn Future<Output = R>>,
        cx: &mut Context<'_>,
    ) -> Poll<R>;

    /// What the caller gets of a rejection, with which the call is over.
    fn leave(self: Pin<&mut Self>, declared: &'static [Declaration], rejected: Rejected) -> R;

    /// The call is over with a rejection, of which the function makes an error of its own.
    fn turned_away(self: Pin<&mut Self>, declared: &'static [Declaration]);
}

impl<R, S: Step<R, A>, A: Answer<R>> Goes<R> for Course<R, S, A> {
    fn poll(
        self: Pin<&mut Self>,
        (declared, going): (&'static [Declaration], &mut Going),
        body: Pin<&mut dyn Future<Output = R>>,
        cx: &mut Context<'_>,
    ) -> Poll<R> {
        let this = self.project();
        let (call, answers) = (this.call, this.answers);
        let mut turn = Turn { call, answers, cx, body, why: Why::Waits };
        let polled = this.steps.poll(declared, &mut turn);
        if let Poll::Ready(outcome) = &polled {
            if events::active() {
                done(turn.call, declared, !answers.failed(outcome));
            }
        }
        *going = match turn.why {
            Why::Waits => return polled,
            Why::Body | Why::End => Going::WithoutBody,
            Why::Rejected(rejected) => Going::Rejected(rejected),
        };
        polled
    }

    fn leave(self: Pin<&mut Self>, declared: &'static [Declaration], rejected: Rejected) -> R {
        let outcome = self.answers.leave(rejected);
        if events::active() {
            // What a type makes of a rejection need not be a failure.
            done(&self.call, declared, !self.answers.failed(&outcome));
        }
        outcome
    }

    fn turned_away(self: Pin<&mut Self>, declared: &'static [Declaration]) {
        if events::active() {
            done(&self.call, declared, false);
        }
    }
}

/// Tells that a call of the function of these declarations is over.
#[cold]
fn done(call: &Call, declared: &'static [Declaration], is_success: bool) {
    outcome::done(call, declared.first().map_or("", Declaration::function), is_success);
}

/// What a call comes to whose only body had to go.
#[cold]
pub fn without_body<R, C: Goes<R>>(mut course: Pin<&mut C>, declared: &'static [Declaration]) -> R {
    match rest(course.as_mut(), declared) {
        Ok(outcome) => outcome,
        Err(rejected) => course.leave(declared, rejected),
    }
}

/// The same, where the function makes something else of a rejection.
#[cold]
pub fn flow_without_body<R>(
    mut course: Pin<&mut impl Goes<R>>,
    declared: &'static [Declaration],
) -> Flow<R> {
    let flow = rest(course.as_mut(), declared);
    if flow.is_err() {
        course.turned_away(declared);
    }
    flow
}

/// How a call ends whose only body is gone.
fn rest<R>(course: Pin<&mut impl Goes<R>>, declared: &'static [Declaration]) -> Flow<R> {
    let (mut going, body) = (Going::On, std::pin::pin!(std::future::pending()));
    let mut cx = Context::from_waker(Waker::noop());
    match (course.poll((declared, &mut going), body, &mut cx), going) {
        (Poll::Ready(outcome), _) => Ok(outcome),
        (Poll::Pending, Going::Rejected(rejected)) => Err(rejected),
        _ => unreachable!("no policy here makes another attempt"),
    }
}

/// Defines an attempt: a call as long as it goes on with one body. It comes to an end, or gives back what goes on without
/// that body. What is here is compiled for each function, so it is little.
macro_rules! attempt {
    ($(#[$doc:meta])* $attempt:ident -> $end:ty, $outcome:expr, |$course:ident, $declared:ident, $rejected:ident| $ended:expr) => {
        pin_project! {
            $(#[$doc])*
            pub struct $attempt<'c, C, T, B> {
                pub course: Option<Pin<&'c mut C>>,
                pub declared: T,
                #[pin]
                pub body: B,
            }
        }

        impl<'c, R, C, T, B> Future for $attempt<'c, C, T, B>
        where
            C: Goes<R>,
            T: Fn() -> &'static [Declaration],
            B: Future<Output = R>,
        {
            type Output = Result<$end, Pin<&'c mut C>>;

            #[inline]
            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                fn go<'c, R, C: Goes<R>>(
                    course: &mut Option<Pin<&'c mut C>>,
                    $declared: &'static [Declaration],
                    body: Pin<&mut dyn Future<Output = R>>,
                    cx: &mut Context<'_>,
                ) -> Poll<Result<$end, Pin<&'c mut C>>> {
                    let mut going = Going::On;
                    let $course = course.as_mut().expect("it is not polled again when it is over");
                    if let Poll::Ready(outcome) =
                        $course.as_mut().poll(($declared, &mut going), body, cx)
                    {
                        return Poll::Ready(Ok($outcome(outcome)));
                    }
                    match going {
                        Going::On => Poll::Pending,
                        Going::Rejected($rejected) => Poll::Ready(Ok($ended)),
                        Going::WithoutBody => match course.take() {
                            Some(course) => Poll::Ready(Err(course)),
                            None => Poll::Pending,
                        },
                    }
                }

                let this = self.project();
                go(this.course, (this.declared)(), this.body, cx)
            }
        }

        impl<C, T, B> fmt::Debug for $attempt<'_, C, T, B> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($attempt)).finish_non_exhaustive()
            }
        }
    };
}

attempt! {
    /// Comes to what the caller gets.
    Attempt -> R, std::convert::identity, |course, declared, rejected| {
        course.as_mut().leave(declared, rejected)
    }
}

attempt! {
    /// Comes to what travels: the function makes something of its own of a rejection.
    FlowAttempt -> Flow<R>, Ok, |course, declared, rejected| {
        course.as_mut().turned_away(declared);
        Err(rejected)
    }
}
