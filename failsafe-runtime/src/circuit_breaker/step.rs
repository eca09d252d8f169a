//! A circuit breaker as a step of a stack.

use super::instance::Instance;
use super::{CircuitBreaker, Permit};
use crate::attempt::Call;
use crate::listener::Unheard;
use crate::rejected::Rejected;
use crate::site::Declaration;
use crate::source::{self, Holder};
use crate::steps::{self, Turn};
use crate::typed::{Answer, Answered};
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::Poll;

pin_project! {
    /// A circuit breaker, around further steps.
    #[derive(Debug)]
    pub struct Step<I> {
        // Given back after what is inside has ended.
        #[pin]
        inner: I,
        permit: Option<Permit<'static>>,
    }
}

impl steps::Policy for CircuitBreaker {
    type Step<R, A: Answer<R>, I: steps::Step<R, A>> = Step<I>;
}

impl<R, A: Answer<R>, I: steps::Step<R, A>> steps::Step<R, A> for Step<I> {
    const NEW: Self = Self { inner: I::NEW, permit: None };

    #[inline(never)]
    fn poll(
        self: Pin<&mut Self>,
        declared: &'static [Declaration],
        turn: &mut Turn<'_, '_, R, A>,
    ) -> Poll<R> {
        let this = self.project();
        let (declaration, inside) = steps::first(declared);
        if this.permit.is_none() {
            let instance = source::at_hand::<Instance>(declaration);
            match instance.and_then(|instance| Some((instance, instance.let_through()?))) {
                Some((instance, ticket)) => {
                    *this.permit = Some(Permit::borrowed(instance, ticket));
                }
                None => match enter(declaration, turn.call) {
                    Ok(permit) => *this.permit = Some(permit),
                    Err(rejected) => return turn.reject(rejected),
                },
            }
        }
        let mut polled = this.inner.poll(inside, turn);
        if turn.goes_on(&polled) {
            return polled;
        }
        let is_quiet = turn.is_quiet(&polled);
        if !this.permit.as_mut().is_some_and(|permit| is_quiet && permit.is_settled()) {
            polled = settle(this.permit.take(), turn, polled);
        }
        *this.permit = None;
        polled
    }

    fn give_up(self: Pin<&mut Self>) {
        let this = self.project();
        this.inner.give_up();
        *this.permit = None;
    }
}

/// Records an outcome that may change something, or that somebody hears of.
#[cold]
#[inline(never)]
fn settle<R, A: Answer<R>>(
    permit: Option<Permit<'_>>,
    turn: &mut Turn<'_, '_, R, A>,
    polled: Poll<R>,
) -> Poll<R> {
    let Some(flow) = turn.take(polled) else { return Poll::Pending };
    if let Some(permit) = permit {
        permit.settle(turn.call, &flow, &Answered(turn.answers), &Unheard);
    }
    turn.put(flow)
}

/// Lets a call through where there is more to it, or says what it is told.
#[cold]
#[inline(never)]
fn enter(declaration: &'static Declaration, call: &Call) -> Result<Permit<'static>, Rejected> {
    let counters = || call.counters();
    match source::instance(declaration) {
        Holder::Borrowed(instance) => match Instance::acquire(instance, counters, &Unheard) {
            Some(ticket) => Ok(Permit::borrowed(instance, ticket)),
            None => Err(instance.refuse(counters())),
        },
        Holder::Shared(instance) => match instance.acquire(counters, &Unheard) {
            Some(ticket) => Ok(Permit::shared(instance, ticket)),
            None => Err(instance.refuse(counters())),
        },
    }
}
