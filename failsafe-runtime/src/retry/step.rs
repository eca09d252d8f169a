//! A retry as a step of a stack.

use super::{Retry, Run};
use crate::budget::Unlimited;
use crate::listener::Unheard;
use crate::outcome::Flow;
use crate::site::Declaration;
use crate::steps::{self, Turn};
use crate::typed::Answer;
use failsafe_config::RetryConfig;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Poll, ready};

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
}

impl steps::Policy for Retry {
    type Step<R, A: Answer<R>, I: steps::Step<R, A>> = Step<R, I>;
}

impl<R, A: Answer<R>, I: steps::Step<R, A>> steps::Step<R, A> for Step<R, I> {
    const NEW: Self = Self { state: State::New, run: Run::NEW, inner: I::NEW };

    #[inline]
    fn poll(
        self: Pin<&mut Self>,
        declared: &'static [Declaration],
        turn: &mut Turn<'_, '_, R, A>,
    ) -> Poll<Flow<R>> {
        let mut this = self.project();
        let (declaration, inside) = steps::first(declared);
        loop {
            match this.state {
                State::Running => {}
                State::New => {
                    if declaration
                        .config()
                        .is_some_and(|config: &RetryConfig| config.get_max_duration().is_some())
                    {
                        turn.call.elapsed();
                    }
                }
                State::Waiting => {
                    ready!(turn.call.poll_wait(turn.cx));
                    let retry = Retry::of(declaration);
                    let granted = this.run.again(&retry, turn.call, &Unheard, &mut Unlimited);
                    if let Err(rejected) = granted {
                        (*this.state, *this.run) = (State::New, Run::NEW);
                        return Poll::Ready(Err(rejected));
                    }
                }
            }
            *this.state = State::Running;
            let flow = ready!(this.inner.as_mut().poll(inside, turn));
            match this.run.after(declaration, turn, flow) {
                Ok(delay) => {
                    turn.call.wait_for(delay);
                    *this.state = State::Waiting;
                }
                Err(flow) => {
                    (*this.state, *this.run) = (State::New, Run::NEW);
                    return Poll::Ready(flow);
                }
            }
        }
    }

    fn give_up(self: Pin<&mut Self>) {
        let this = self.project();
        this.inner.give_up();
        (*this.state, *this.run) = (State::New, Run::NEW);
    }
}
