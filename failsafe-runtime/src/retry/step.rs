//! A retry as a step of a stack.

use super::{Retry, Run};
use crate::budget::Unlimited;
use crate::listener::Unheard;
use crate::site::Declaration;
use crate::steps::{self, Turn};
use crate::typed::{Answer, Answered};
use failsafe_config::RetryConfig;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::Poll;

pin_project! {
    /// A retry, around further steps.
    #[derive(Debug)]
    pub struct Step<R, I> {
        state: State,
        run: Run<R>,
        #[pin]
        inner: I,
    }
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No attempt has begun.
    New,
    Running,
    /// An attempt has failed, and the call waits for the next one.
    Waiting,
    /// The wait is over, and there is a new body.
    Between,
}

impl steps::Policy for Retry {
    type Step<R, A: Answer<R>, I: steps::Step<R, A>> = Step<R, I>;
}

impl<R, A: Answer<R>, I: steps::Step<R, A>> steps::Step<R, A> for Step<R, I> {
    const NEW: Self = Self { state: State::New, run: Run::NEW, inner: I::NEW };

    #[inline(never)]
    fn poll(
        self: Pin<&mut Self>,
        declared: &'static [Declaration],
        turn: &mut Turn<'_, '_, R, A>,
    ) -> Poll<R> {
        let mut this = self.project();
        let (declaration, inside) = steps::first(declared);
        if *this.state == State::New && declaration.is_as_written() {
            // A call that has to know when it began knows it.
            *this.state = State::Running;
        }
        if *this.state != State::Running {
            match begin(declaration, (this.state, this.run), turn) {
                Begun::Attempt => {}
                Begun::Nothing(polled) => return polled,
            }
        }
        let polled = this.inner.as_mut().poll(inside, turn);
        if turn.goes_on(&polled) {
            return polled;
        }
        if turn.is_quiet(&polled) {
            (*this.state, *this.run) = (State::New, Run::NEW);
            return polled;
        }
        after(declaration, (this.state, this.run), turn, polled)
    }

    fn give_up(self: Pin<&mut Self>, turn: &mut Turn<'_, '_, R, A>) {
        let this = self.project();
        this.inner.give_up(turn);
        (*this.state, *this.run) = (State::New, Run::NEW);
    }
}

/// An attempt begins, or not yet, or never.
enum Begun<R> {
    Attempt,
    Nothing(Poll<R>),
}

/// Begins an attempt, if it is time.
fn begin<R, A>(
    declaration: &'static Declaration,
    (state, run): (&mut State, &mut Run<R>),
    turn: &mut Turn<'_, '_, R, A>,
) -> Begun<R> {
    match state {
        State::Running => {}
        State::New => {
            if config(declaration).get_max_duration().is_some() {
                turn.call.elapsed();
            }
        }
        State::Waiting => {
            if turn.call.poll_wait(turn.cx).is_pending() {
                return Begun::Nothing(Poll::Pending);
            }
            *state = State::Between;
            return Begun::Nothing(turn.next_body());
        }
        State::Between => {
            let retry = Retry::of(declaration);
            if let Err(rejected) = run.again(&retry, turn.call, &Unheard, &mut Unlimited) {
                (*state, *run) = (State::New, Run::NEW);
                return Begun::Nothing(turn.reject(rejected));
            }
        }
    }
    *state = State::Running;
    Begun::Attempt
}

/// An attempt is over that failed, or that somebody hears of: waits for the next one, or ends.
#[cold]
#[inline(never)]
fn after<R, A: Answer<R>>(
    declaration: &'static Declaration,
    (state, run): (&mut State, &mut Run<R>),
    turn: &mut Turn<'_, '_, R, A>,
    polled: Poll<R>,
) -> Poll<R> {
    let Some(flow) = turn.take(polled) else { return Poll::Pending };
    let (retry, hooks) = (Retry::of(declaration), Answered(turn.answers));
    let delay = if run.is_over(&retry, turn.call, &flow, &hooks, &mut Unlimited) {
        Err(flow)
    } else {
        run.next((&retry, None), turn.call, flow, &hooks, &mut Unlimited)
    };
    match delay {
        Ok(delay) => {
            turn.call.wait_for(delay);
            *state = State::Waiting;
            match begin(declaration, (state, run), turn) {
                Begun::Nothing(polled) => polled,
                Begun::Attempt => unreachable!("a new body comes first"),
            }
        }
        Err(flow) => {
            (*state, *run) = (State::New, Run::NEW);
            turn.put(flow)
        }
    }
}

/// What a declared retry was told.
fn config(declaration: &'static Declaration) -> &'static RetryConfig {
    static DEFAULTS: RetryConfig = RetryConfig::new();
    declaration.in_force(declaration.written().unwrap_or(&DEFAULTS))
}
