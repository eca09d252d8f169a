//! A circuit breaker as a step of a stack.

use super::instance::Instance;
use super::{CircuitBreaker, Permit};
use crate::attempt::Call;
use crate::listener::Unheard;
use crate::outcome::Flow;
use crate::rejected::Rejected;
use crate::site::Declaration;
use crate::source::{self, Holder};
use crate::steps::{self, Turn};
use crate::typed::{Answer, Answered};
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Poll, ready};

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

    #[inline]
    fn poll(
        self: Pin<&mut Self>,
        declared: &'static [Declaration],
        turn: &mut Turn<'_, '_, R, A>,
    ) -> Poll<Flow<R>> {
        let this = self.project();
        let (declaration, inside) = steps::first(declared);
        if this.permit.is_none() {
            match enter(declaration, turn.call) {
                Ok(permit) => *this.permit = Some(permit),
                Err(rejected) => return Poll::Ready(Err(rejected)),
            }
        }
        let flow = ready!(this.inner.poll(inside, turn));
        if let Some(permit) = this.permit.take() {
            permit.settle(turn.call, &flow, &Answered(turn.answers), &Unheard);
        }
        Poll::Ready(flow)
    }

    fn give_up(self: Pin<&mut Self>) {
        let this = self.project();
        this.inner.give_up();
        *this.permit = None;
    }
}

/// Lets a call through, or says what it is told.
#[inline]
fn enter(declaration: &'static Declaration, call: &Call) -> Result<Permit<'static>, Rejected> {
    if let Some(instance) = source::at_hand::<Instance>(declaration) {
        if let Some(ticket) = instance.let_through() {
            return Ok(Permit::borrowed(instance, ticket));
        }
    }
    enter_slowly(declaration, call)
}

#[cold]
#[inline(never)]
fn enter_slowly(
    declaration: &'static Declaration,
    call: &Call,
) -> Result<Permit<'static>, Rejected> {
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
