//! A stack without code of the function's own: its policies as steps, each around the next, and the body as something
//! that the innermost polls through a pointer. So all functions of one return type and one list of policies share the
//! code of the stack, and each adds no more than its body.
//!
//! A step makes the same decisions as the loop that is the policy's macro, with the same functions; what differs is who
//! keeps the state between two polls.

mod course;

pub use course::{
    Attempt, FlowAttempt, Goes, course, flow_without_body, timed_course, without_body,
};

use crate::attempt::Call;
use crate::events;
use crate::outcome::Flow;
use crate::rejected::Rejected;
use crate::site::Declaration;
use crate::typed::Answer;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What is at hand when the steps are polled.
pub struct Turn<'t, 'w, R, A> {
    pub(crate) call: &'t mut Call,
    /// What the return type answers.
    pub(crate) answers: &'t A,
    pub(crate) cx: &'t mut Context<'w>,
    body: Pin<&'t mut dyn Future<Output = R>>,
    /// Why a step is pending, if it does not wait to be woken.
    why: Why,
}

/// Why a step is pending.
#[derive(Debug)]
enum Why {
    /// It waits to be woken.
    Waits,
    /// It wants another body.
    Body,
    /// It wants the body to go.
    End,
    /// The call is rejected.
    Rejected(Rejected),
}

impl<R, A> Turn<'_, '_, R, A> {
    /// Whether a step that is pending waits to be woken.
    #[inline]
    pub(crate) const fn waits(&self) -> bool {
        matches!(self.why, Why::Waits)
    }

    /// Whether the call has not come out of the steps that were polled.
    #[inline]
    pub(crate) const fn goes_on(&self, polled: &Poll<R>) -> bool {
        polled.is_pending() && !matches!(self.why, Why::Rejected(_))
    }

    /// The attempt is over, and the next one needs a body: the step begins it when it is polled next.
    pub(crate) fn next_body(&mut self) -> Poll<R> {
        self.why = Why::Body;
        Poll::Pending
    }

    /// The body has to go before anything that it runs under is given back: the step gives up when it is polled next.
    pub(crate) fn end(&mut self) -> Poll<R> {
        self.why = Why::End;
        Poll::Pending
    }

    /// The call is rejected.
    pub(crate) fn reject(&mut self, rejected: Rejected) -> Poll<R> {
        self.why = Why::Rejected(rejected);
        Poll::Pending
    }

    /// What travels, for who has to look at the whole of it; none where the call is not through.
    pub(crate) fn take(&mut self, polled: Poll<R>) -> Option<Flow<R>> {
        if let Poll::Ready(outcome) = polled {
            return Some(Ok(outcome));
        }
        match std::mem::replace(&mut self.why, Why::Waits) {
            Why::Rejected(rejected) => Some(Err(rejected)),
            why => {
                self.why = why;
                None
            }
        }
    }

    /// The reverse.
    pub(crate) fn put(&mut self, flow: Flow<R>) -> Poll<R> {
        flow.map_or_else(|rejected| self.reject(rejected), Poll::Ready)
    }
}

impl<R, A: Answer<R>> Turn<'_, '_, R, A> {
    /// Whether there is nothing for a policy to do that judges outcomes: the call waits, or comes to a success that nobody
    /// hears of.
    #[inline]
    pub(crate) fn is_quiet(&self, polled: &Poll<R>) -> bool {
        match polled {
            Poll::Ready(outcome) => !self.answers.failed(outcome) && !events::active(),
            Poll::Pending => !matches!(self.why, Why::Rejected(_)),
        }
    }
}

impl<R, A> fmt::Debug for Turn<'_, '_, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("why", &self.why).finish_non_exhaustive()
    }
}

/// A policy as a call goes through it, with the steps inside it.
pub trait Step<R, A>: Sized + Send + Sync {
    /// It when a call begins.
    const NEW: Self;

    /// Goes on as far as it can, with the declarations of this step and of those inside it. A call that is rejected is
    /// pending, and says so. After it has come out, either way, the step is as new.
    ///
    /// The outcome is what is returned, and nothing around it, so that it is written once, where the caller wants it: to move it
    /// from step to step takes longer than all they do.
    fn poll(
        self: Pin<&mut Self>,
        declared: &'static [Declaration],
        turn: &mut Turn<'_, '_, R, A>,
    ) -> Poll<R>;

    /// A policy further out has given up on the attempt, whose body is gone. Afterwards it is as new.
    fn give_up(self: Pin<&mut Self>, turn: &mut Turn<'_, '_, R, A>);
}

/// A policy that is a step of a stack.
pub trait Policy {
    /// The step, around further ones.
    type Step<R, A: Answer<R>, I: Step<R, A>>: Step<R, A>;
}

/// The policies of a stack, the outermost first.
pub trait Policies {
    /// Their steps.
    type Steps<R, A: Answer<R>>: Step<R, A>;
}

macro_rules! policies {
    ($($policy:ident)*) => {
        impl<$($policy: Policy),*> Policies for ($($policy,)*) {
            type Steps<R, A: Answer<R>> = policies!(@steps R A $($policy)*);
        }
    };
    (@steps $r:ident $a:ident) => {
        Body
    };
    (@steps $r:ident $a:ident $outer:ident $($inner:ident)*) => {
        $outer::Step<$r, $a, policies!(@steps $r $a $($inner)*)>
    };
}

policies!(P1);
policies!(P1 P2);
policies!(P1 P2 P3);
policies!(P1 P2 P3 P4);
policies!(P1 P2 P3 P4 P5);
policies!(P1 P2 P3 P4 P5 P6);
policies!(P1 P2 P3 P4 P5 P6 P7);
policies!(P1 P2 P3 P4 P5 P6 P7 P8);

/// The declaration of a step, and those of the steps inside it.
#[inline]
pub(crate) fn first(
    declared: &'static [Declaration],
) -> (&'static Declaration, &'static [Declaration]) {
    declared.split_first().expect("each step is declared")
}

/// The body, inside all steps.
#[derive(Debug)]
pub struct Body;

impl<R, A> Step<R, A> for Body {
    const NEW: Self = Self;

    #[inline]
    fn poll(
        self: Pin<&mut Self>,
        _: &'static [Declaration],
        turn: &mut Turn<'_, '_, R, A>,
    ) -> Poll<R> {
        let _entered = turn.call.enter();
        turn.body.as_mut().poll(turn.cx)
    }

    fn give_up(self: Pin<&mut Self>, _: &mut Turn<'_, '_, R, A>) {}
}
