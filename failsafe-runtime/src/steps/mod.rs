//! A stack without code of the function's own: its policies as steps, each around the next, and the body as something
//! that the innermost polls through a pointer. So all functions of one return type and one list of policies share the
//! code of the stack, and each adds no more than its body.
//!
//! A step makes the same decisions as the loop that is the policy's macro, with the same functions; what differs is who
//! keeps the state between two polls.

mod course;

pub use course::{Attempt, Goes, course, without_body};

use crate::attempt::Call;
use crate::outcome::Flow;
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
    /// What a step that is pending waits for, if not for its waker.
    wish: Wish,
}

/// What a step wants the function to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    None,
    /// To make another body.
    Body,
    /// To drop the body.
    End,
}

impl<R, A> Turn<'_, '_, R, A> {
    /// Whether a step inside that is pending waits for the function, not for its waker.
    #[inline]
    pub(crate) fn waits_for_function(&self) -> bool {
        self.wish != Wish::None
    }

    /// The body has to go before anything that it runs under is given back: the step that says so is pending, and
    /// gives up when it is polled next.
    pub(crate) fn end(&mut self) {
        self.wish = Wish::End;
    }
}

impl<R, A> fmt::Debug for Turn<'_, '_, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("call", &self.call).finish_non_exhaustive()
    }
}

/// A policy as a call goes through it, with the steps inside it.
pub trait Step<R, A>: Sized + Send + Sync {
    /// It when a call begins.
    const NEW: Self;

    /// Goes on as far as it can, with the declarations of this step and of those inside it. After an outcome it is as new.
    fn poll(
        self: Pin<&mut Self>,
        declared: &'static [Declaration],
        turn: &mut Turn<'_, '_, R, A>,
    ) -> Poll<Flow<R>>;

    /// A policy further out has given up on the attempt, whose body is gone. Afterwards it is as new.
    fn give_up(self: Pin<&mut Self>);
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
pub struct Body {
    /// Whether the body that the function has made last has come to its end.
    used: bool,
}

impl<R, A> Step<R, A> for Body {
    const NEW: Self = Self { used: false };

    #[inline]
    fn poll(
        mut self: Pin<&mut Self>,
        _: &'static [Declaration],
        turn: &mut Turn<'_, '_, R, A>,
    ) -> Poll<Flow<R>> {
        if self.used {
            turn.wish = Wish::Body;
            self.used = false;
            return Poll::Pending;
        }
        let _entered = turn.call.enter();
        let polled = turn.body.as_mut().poll(turn.cx);
        self.used = polled.is_ready();
        polled.map(Ok)
    }

    fn give_up(mut self: Pin<&mut Self>) {
        self.used = false;
    }
}
