//! The race itself: all attempts are polled by the task of the call.

use super::Hedge;
use super::core::{Core, Step};
use super::event::HedgeEvent;
use super::hooks::Hooks;
use super::instance::Instance;
use crate::attempt::{Call, Counters};
use crate::budget::{BudgetPermit, Extra, Hold};
use crate::clock::{self, Moment, Sleep};
use crate::events::{self, What};
use crate::listener;
use crate::live::Mode;
use crate::outcome::Flow;
use crate::tally::{self, InForce};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// What an attempt comes to: its outcome, and its call as it then is.
type Ended<R> = (Flow<R>, Call);

pin_project! {
    /// A race of attempts.
    ///
    /// The first one is part of it; a hedge is boxed when it starts. Those that lose are dropped
    /// before the outcome is returned.
    #[project = RaceProjection]
    #[doc(hidden)]
    pub struct Race<'c, P, K, B, F, A, R> {
        hedge: P,
        hooks: K,
        budget: B,
        attempt: F,
        core: Option<Core>,
        #[pin]
        first: Option<A>,
        hedges: Hedges<A>,
        #[pin]
        timer: Option<Sleep>,
        // When the first attempt began, where that matters.
        began: Option<Moment>,
        last: Option<(Flow<R>, bool)>,
        // The last to be dropped, when all attempts have counted what they count.
        lane: Lane<'c>,
    }
}

/// The call, and what all its attempts have counted.
struct Lane<'c> {
    call: &'c mut Call,
    counters: Counters,
    failed: bool,
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        self.call.ran(self.counters, self.failed);
    }
}

/// A hedge that has started.
struct Running<A> {
    attempt: Pin<Box<A>>,
    began: Option<Moment>,
    _permit: Option<BudgetPermit>,
}

/// The hedges that run. Most calls have one at the most, which needs no list.
struct Hedges<A> {
    one: Option<Running<A>>,
    more: Vec<Running<A>>,
}

impl<A> Hedges<A> {
    const fn new() -> Self {
        Self { one: None, more: Vec::new() }
    }

    fn push(&mut self, running: Running<A>) {
        if self.one.is_none() && self.more.is_empty() {
            self.one = Some(running);
        } else {
            self.more.push(running);
        }
    }

    /// The one in this place, in the order they started.
    fn get(&mut self, place: usize) -> Option<&mut Running<A>> {
        match &mut self.one {
            Some(one) if place == 0 => Some(one),
            Some(_) => self.more.get_mut(place - 1),
            None => self.more.get_mut(place),
        }
    }

    fn remove(&mut self, place: usize) {
        if place == 0 && self.one.take().is_some() {
            return;
        }
        self.more.remove(place - usize::from(self.one.is_some()));
    }

    fn clear(&mut self) {
        self.one = None;
        self.more.clear();
    }
}

/// Begins a race for a call; `attempt` makes an attempt.
#[doc(hidden)]
pub fn race<'a, 'c, H: 'a, P, K, B, F, A, R>(
    call: &'c mut Call,
    hedge: P,
    hooks: K,
    budget: B,
    attempt: F,
) -> Race<'c, P, K, B, F, A, R>
where
    P: Fn() -> &'a Hedge<H>,
    K: Hooks<R>,
    B: Hold,
    F: Clone + FnOnce(Call) -> A, // attempts run beside each other: what this captures is shared, or copied for each
    A: Future<Output = (Flow<R>, Call)>,
{
    let first = attempt.clone()(call.beside());
    let lane = Lane { counters: call.counters(), call, failed: false };
    Race {
        hedge,
        hooks,
        budget,
        attempt,
        core: None,
        first: Some(first),
        hedges: Hedges::new(),
        timer: None,
        began: None,
        last: None,
        lane,
    }
}

impl<'a, H: 'a, P, K, B, F, A, R> Future for Race<'_, P, K, B, F, A, R>
where
    P: Fn() -> &'a Hedge<H>,
    K: Hooks<R>,
    B: Hold,
    F: Clone + FnOnce(Call) -> A,
    A: Future<Output = Ended<R>>,
{
    type Output = Flow<R>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Flow<R>> {
        let mut this = self.project();
        // Inside another race the counters of that one are in force.
        let in_force = (!this.lane.call.is_beside()).then(|| InForce::new(this.lane.counters));
        let polled = this.poll(cx);
        if let Some(in_force) = in_force {
            this.lane.counters = in_force.end();
        }
        polled
    }
}

impl<'a, H: 'a, P, K, B, F, A, R> RaceProjection<'_, '_, P, K, B, F, A, R>
where
    P: Fn() -> &'a Hedge<H>,
    K: Hooks<R>,
    B: Hold,
    F: Clone + FnOnce(Call) -> A,
    A: Future<Output = Ended<R>>,
{
    fn look<T>(&self, look: impl FnOnce(&Instance) -> T) -> T {
        (self.hedge)().look(look)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Flow<R>> {
        let mut core = match *self.core {
            Some(core) => core,
            None => self.begin(),
        };
        let polled = self.poll_attempts(&mut core, cx);
        let polled = match polled {
            Poll::Pending => self.poll_hedges(&mut core, cx),
            Poll::Ready(_) => polled,
        };
        *self.core = Some(core);
        if polled.is_ready() {
            // Those that have lost, while their counters are in force.
            self.first.set(None);
            self.hedges.clear();
        }
        polled
    }

    fn begin(&mut self) -> Core {
        *self.began = self.look(Instance::is_timed).then(clock::now);
        Core::new()
    }

    /// Polls the attempts that run; ready when one has ended the race.
    fn poll_attempts(&mut self, core: &mut Core, cx: &mut Context<'_>) -> Poll<Flow<R>> {
        if let Some(Poll::Ready(ended)) =
            self.first.as_mut().as_pin_mut().map(|first| first.poll(cx))
        {
            self.first.set(None);
            if let Some(flow) = self.ended(core, ended, *self.began) {
                return Poll::Ready(flow);
            }
        }
        let mut place = 0;
        while let Some(hedge) = self.hedges.get(place) {
            let Poll::Ready(ended) = hedge.attempt.as_mut().poll(cx) else {
                place += 1;
                continue;
            };
            let began = hedge.began;
            self.hedges.remove(place);
            if let Some(flow) = self.ended(core, ended, began) {
                return Poll::Ready(flow);
            }
        }
        Poll::Pending
    }

    /// Does what is to be done about further hedges; ready when the race is over by it.
    fn poll_hedges(&mut self, core: &mut Core, cx: &mut Context<'_>) -> Poll<Flow<R>> {
        loop {
            match core.step() {
                Step::AskDelay => self.ask_delay(core),
                Step::Hedge => {
                    if let Poll::Ready(flow) = self.start(core, cx) {
                        return Poll::Ready(flow);
                    }
                }
                Step::Done => match self.last.take() {
                    Some((flow, failed)) => {
                        self.lane.failed = failed;
                        return Poll::Ready(flow);
                    }
                    None => unreachable!("the outcome of the attempt that ended last is kept"),
                },
                Step::Wait if !core.waits() => return Poll::Pending,
                Step::Wait => {
                    // Attempts that have used up the task's budget must not keep the timer from
                    // being looked at.
                    let timer = self.timer.as_mut().as_pin_mut().map(tokio::task::unconstrained);
                    match timer.map(|timer| pin!(timer).poll(cx)) {
                        Some(Poll::Ready(())) => core.elapsed(),
                        _ => return Poll::Pending,
                    }
                }
            }
        }
    }

    fn ask_delay(&mut self, core: &mut Core) {
        let hedges = core.hedges();
        let more =
            self.look(|hedge| hedge.mode() != Mode::Off && hedges < hedge.config().get_max());
        let delay = if more {
            self.hooks.delay(hedges).unwrap_or_else(|| self.look(|hedge| hedge.delay(hedges)))
        } else {
            None
        };
        let waits = core.delayed(delay);
        let timer = delay.filter(|_| waits).map(|delay| {
            // So that a hedge knows how long the call has run.
            self.lane.call.elapsed();
            clock::sleep(delay)
        });
        self.timer.set(timer);
    }

    /// Starts a hedge, if the budget allows it; ready when it has ended the race already.
    fn start(&mut self, core: &mut Core, cx: &mut Context<'_>) -> Poll<Flow<R>> {
        self.timer.set(None);
        let mode = self.look(Instance::mode);
        if mode == Mode::Off {
            core.refused();
            return Poll::Pending;
        }
        if mode == Mode::Observe {
            core.observed();
            self.hedges_now();
            return Poll::Pending;
        }
        if self.budget.ask(Extra::Hedge, tally::current).is_err() {
            core.refused();
            self.hear(What::BudgetExceeded(Extra::Hedge));
            return Poll::Pending;
        }
        let permit = self.budget.granted();
        let began = self.began.map(|_| clock::now());
        let call = self.lane.call.hedge();
        core.started();
        self.hedges_now();
        let mut attempt = Box::pin(self.attempt.clone()(call));
        if let Poll::Ready(ended) = attempt.as_mut().poll(cx) {
            drop((attempt, permit));
            return self.ended(core, ended, began).map_or(Poll::Pending, Poll::Ready);
        }
        self.hedges.push(Running { attempt, began, _permit: permit });
        Poll::Pending
    }

    /// An attempt has ended; gives its outcome, if that ends the race.
    fn ended(
        &mut self,
        core: &mut Core,
        (flow, call): Ended<R>,
        began: Option<Moment>,
    ) -> Option<Flow<R>> {
        let failed = call.is_judged_failure();
        let (mode, first) = self.look(|hedge| (hedge.mode(), hedge.config().get_first()));
        if mode == Mode::Off && core.is_alone() {
            self.lane.failed = failed;
            return Some(flow);
        }
        if !first && !self.hooks.is_final(&flow) {
            core.ended();
            *self.last = Some((flow, failed));
            return None;
        }
        if let Some(began) = began {
            let duration = clock::now().since(began);
            self.look(|hedge| hedge.record(duration));
        }
        self.lane.failed = failed;
        Some(flow)
    }

    /// Tells that a hedge begins.
    fn hedges_now(&mut self) {
        self.hear(What::Hedge);
        let label = || self.look(|hedge| hedge.label().clone());
        events::emit("hedge", label, tally::current(), What::Hedge);
    }

    /// Tells the listeners.
    fn hear(&mut self, what: What) {
        if !self.hooks.is_heard() && !self.look(Instance::is_heard) {
            return;
        }
        let (counters, elapsed) = (tally::current(), self.lane.call.elapsed());
        self.look(|hedge| {
            let event = HedgeEvent { name: hedge.name(), what, counters, elapsed };
            if self.hooks.is_heard() {
                listener::call("hedge", hedge.label(), counters, || self.hooks.hear(&event));
            }
            if hedge.is_heard() {
                listener::call("hedge", hedge.label(), counters, || hedge.hear(&event));
            }
        });
    }
}

impl<P, K, B, F, A, R> fmt::Debug for Race<'_, P, K, B, F, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Race").field("core", &self.core).finish_non_exhaustive()
    }
}
