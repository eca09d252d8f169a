//! A circuit breaker as a step of a stack.

use super::instance::Instance;
use super::ticket::Ticket;
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
        held: Held,
    }
}

/// What a call holds of the breaker, in two words, as it is part of the future of every call. A permit of a scoped registry is
/// kept by the call.
#[derive(Debug)]
struct Held {
    breaker: Option<&'static Instance>,
    /// Without a breaker: outside, if the call keeps a permit.
    ticket: Ticket,
}

impl Held {
    const NOTHING: Self = Self { breaker: None, ticket: Ticket::USED };

    #[inline]
    fn is_something(&self) -> bool {
        self.breaker.is_some() || self.ticket.is_outside()
    }

    /// Whether a success that nobody hears of would change nothing.
    #[inline]
    fn is_settled(&self) -> bool {
        self.breaker.is_some_and(|breaker| breaker.is_settled(self.ticket))
    }

    /// Gives it to whoever settles it, or drops it.
    fn take(&mut self, call: &mut Call) -> Option<Permit<'static>> {
        let ticket = std::mem::replace(&mut self.ticket, Ticket::USED);
        match self.breaker.take() {
            Some(breaker) => Some(Permit::borrowed(breaker, ticket)),
            None if ticket.is_outside() => call.kept()?.downcast().ok().map(|permit| *permit),
            None => None,
        }
    }
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        if let Some(breaker) = self.breaker.filter(|_| self.ticket.must_return()) {
            breaker.give_back(self.ticket);
        }
    }
}

impl steps::Policy for CircuitBreaker {
    type Step<R, A: Answer<R>, I: steps::Step<R, A>> = Step<I>;
}

impl<R, A: Answer<R>, I: steps::Step<R, A>> steps::Step<R, A> for Step<I> {
    const NEW: Self = Self { inner: I::NEW, held: Held::NOTHING };

    #[inline(never)]
    fn poll(
        self: Pin<&mut Self>,
        declared: &'static [Declaration],
        turn: &mut Turn<'_, '_, R, A>,
    ) -> Poll<R> {
        let this = self.project();
        let (declaration, inside) = steps::first(declared);
        if !this.held.is_something() {
            let instance = source::at_hand::<Instance>(declaration);
            match instance.and_then(|instance| Some((instance, instance.let_through()?))) {
                Some((instance, ticket)) => {
                    (this.held.breaker, this.held.ticket) = (Some(instance), ticket);
                }
                None => {
                    if let Err(rejected) = enter(declaration, turn.call, this.held) {
                        return turn.reject(rejected);
                    }
                }
            }
        }
        let polled = this.inner.poll(inside, turn);
        if turn.goes_on(&polled) {
            return polled;
        }
        if turn.is_quiet(&polled) && this.held.is_settled() {
            (this.held.breaker, this.held.ticket) = (None, Ticket::USED);
            return polled;
        }
        settle(this.held, turn, polled)
    }

    fn give_up(self: Pin<&mut Self>, turn: &mut Turn<'_, '_, R, A>) {
        let this = self.project();
        this.inner.give_up(turn);
        drop(this.held.take(turn.call));
    }
}

/// Records an outcome that may change something, or that somebody hears of.
#[cold]
#[inline(never)]
fn settle<R, A: Answer<R>>(
    held: &mut Held,
    turn: &mut Turn<'_, '_, R, A>,
    polled: Poll<R>,
) -> Poll<R> {
    let Some(flow) = turn.take(polled) else { return Poll::Pending };
    if let Some(permit) = held.take(turn.call) {
        permit.settle(turn.call, &flow, &Answered(turn.answers), &Unheard);
    }
    turn.put(flow)
}

/// Lets a call through where there is more to it, or says what it is told.
#[cold]
#[inline(never)]
fn enter(
    declaration: &'static Declaration,
    call: &mut Call,
    held: &mut Held,
) -> Result<(), Rejected> {
    let counters = || call.counters();
    match source::instance::<Instance>(declaration) {
        Holder::Borrowed(instance) => match instance.acquire(counters, &Unheard) {
            Some(ticket) => (held.breaker, held.ticket) = (Some(instance), ticket),
            None => return Err(instance.refuse(counters())),
        },
        Holder::Shared(instance) => match instance.acquire(counters, &Unheard) {
            Some(ticket) => {
                call.keep(Box::new(Permit::shared(instance, ticket)));
                held.ticket = Ticket::OUTSIDE;
            }
            None => return Err(instance.refuse(counters())),
        },
    }
    Ok(())
}
