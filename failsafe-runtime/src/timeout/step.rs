//! A timeout as a step of a stack.

use super::{Timeout, Timer, overrun};
use crate::listener::Unheard;
use crate::outcome::Flow;
use crate::rejected::Rejected;
use crate::site::Declaration;
use crate::steps::{self, Turn};
use crate::typed::Answer;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::Poll;

pin_project! {
    /// A timeout, around further steps.
    pub struct Step<I> {
        #[pin]
        inner: I,
        #[pin]
        timer: Timer,
        // What the call is told when the body is gone.
        overrun: Option<Rejected>,
    }
}

impl steps::Policy for Timeout {
    type Step<R, A: Answer<R>, I: steps::Step<R, A>> = Step<I>;
}

impl<R, A: Answer<R>, I: steps::Step<R, A>> steps::Step<R, A> for Step<I> {
    const NEW: Self = Self { inner: I::NEW, timer: Timer::Unarmed, overrun: None };

    #[inline]
    fn poll(
        self: Pin<&mut Self>,
        declared: &'static [Declaration],
        turn: &mut Turn<'_, '_, R, A>,
    ) -> Poll<Flow<R>> {
        let mut this = self.project();
        if let Some(rejected) = this.overrun.take() {
            this.inner.give_up();
            return Poll::Ready(Err(rejected));
        }
        let (declaration, inside) = steps::first(declared);
        let polled = this.inner.as_mut().poll(inside, turn);
        if polled.is_ready() {
            this.timer.set(Timer::Unarmed);
        } else if !turn.waits_for_function() {
            let timeout = (&Timeout::of(declaration), None);
            *this.overrun = overrun(timeout, &Unheard, this.timer.as_mut(), turn.cx);
            if this.overrun.is_some() {
                this.timer.set(Timer::Unarmed);
                turn.end();
            }
        }
        polled
    }

    fn give_up(self: Pin<&mut Self>) {
        let mut this = self.project();
        this.inner.give_up();
        this.timer.set(Timer::Unarmed);
        *this.overrun = None;
    }
}

impl<I> fmt::Debug for Step<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step")
            .field("armed", &matches!(self.timer, Timer::Armed { .. }))
            .finish_non_exhaustive()
    }
}
