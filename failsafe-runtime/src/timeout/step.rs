//! A timeout as a step of a stack.

use super::{Timeout, Timer, TimerProjection, past};
use crate::listener::Unheard;
use crate::site::Declaration;
use crate::steps::{self, Turn};
use crate::typed::Answer;
use failsafe_config::TimeoutConfig;
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
    }
}

impl steps::Policy for Timeout {
    type Step<R, A: Answer<R>, I: steps::Step<R, A>> = Step<I>;
}

impl<R, A: Answer<R>, I: steps::Step<R, A>> steps::Step<R, A> for Step<I> {
    const NEW: Self = Self { inner: I::NEW, timer: Timer::Unarmed };

    #[inline(never)]
    fn poll(
        self: Pin<&mut Self>,
        declared: &'static [Declaration],
        turn: &mut Turn<'_, '_, R, A>,
    ) -> Poll<R> {
        let mut this = self.project();
        if let TimerProjection::Over { rejected } = this.timer.as_mut().project() {
            let rejected = rejected.clone();
            this.inner.give_up(turn);
            this.timer.set(Timer::Unarmed);
            return turn.reject(rejected);
        }
        let (declaration, inside) = steps::first(declared);
        let polled = this.inner.as_mut().poll(inside, turn);
        if polled.is_pending() && turn.waits() {
            let limit = || config(declaration).get_limit();
            let exceeded = |limit| Timeout::of(declaration).exceeded(limit, &Unheard);
            let over = past(declaration.mode(), limit, exceeded, this.timer.as_mut(), turn.cx);
            if let Some(rejected) = over {
                this.timer.set(Timer::Over { rejected });
                return turn.end();
            }
        } else if !turn.goes_on(&polled) && !matches!(*this.timer, Timer::Unarmed) {
            this.timer.set(Timer::Unarmed);
        }
        polled
    }

    fn give_up(self: Pin<&mut Self>, turn: &mut Turn<'_, '_, R, A>) {
        let mut this = self.project();
        this.inner.give_up(turn);
        this.timer.set(Timer::Unarmed);
    }
}

impl<I> fmt::Debug for Step<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step")
            .field("armed", &matches!(self.timer, Timer::Armed { .. }))
            .finish_non_exhaustive()
    }
}

/// What a declared timeout was told.
fn config(declaration: &'static Declaration) -> &'static TimeoutConfig {
    static DEFAULTS: TimeoutConfig = TimeoutConfig::new();
    declaration.in_force(declaration.written().unwrap_or(&DEFAULTS))
}
