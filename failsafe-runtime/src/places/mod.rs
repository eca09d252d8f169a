//! Places for so many calls at a time, and a queue of those that wait for one: a word that counts,
//! and a lock for the queue that is taken only while there is one. The number of places can change.

mod queue;
mod waiter;

pub(crate) use queue::Load;
pub(crate) use waiter::Waiting;

use queue::{Next, Queue};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// What came of the wish for a place.
#[derive(Debug)]
pub(crate) enum Asked {
    /// There are so many calls in flight now.
    Entered(u32),
    /// It waits under this number.
    Queued(u64),
    Full,
}

/// Somebody who has places.
pub(crate) trait HasPlaces {
    fn places(&self) -> &Places;
}

/// The places of one policy.
#[derive(Debug)]
pub(crate) struct Places {
    /// The load. The calls that wait change under the lock of the queue only.
    load: AtomicU64,
    /// How many places there are; it changes under the lock of the queue only.
    max: AtomicU32,
    queue: Mutex<Queue>,
}

impl Places {
    pub(crate) fn new(max: u32) -> Self {
        Self { load: AtomicU64::new(0), max: AtomicU32::new(max), queue: Mutex::default() }
    }

    pub(crate) fn load(&self) -> Load {
        Load::from_word(self.load.load(Ordering::Acquire))
    }

    pub(crate) fn max(&self) -> u32 {
        self.max.load(Ordering::Acquire)
    }

    /// Changes the load, unless `change` refuses to; the load it was.
    #[inline]
    fn change(&self, change: impl Fn(Load) -> Option<Load>) -> Option<Load> {
        let change = |word| change(Load::from_word(word)).map(Load::word);
        let was = self.load.fetch_update(Ordering::AcqRel, Ordering::Acquire, change);
        was.ok().map(Load::from_word)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place, if one is free; how many calls are in flight then.
    #[inline]
    pub(crate) fn try_enter(&self) -> Option<u32> {
        let max = self.max();
        self.change(|load| load.entered(max)).map(|was| was.in_flight + 1)
    }

    /// Takes a place, also if there is none: for a call that nothing may hold back. It is counted, and
    /// gives back like the others. How many calls are in flight then.
    pub(crate) fn let_in(&self) -> u32 {
        self.change(|load| Some(load.let_in())).map_or(0, |was| was.in_flight.saturating_add(1))
    }

    /// Gives a place to everybody who waits, also if there is none. Returns whom to wake.
    #[must_use = "those who have a place now are to be woken"]
    pub(crate) fn let_all_in(&self) -> Vec<Waker> {
        let mut queue = self.queue();
        self.move_up(&mut queue, u32::MAX)
    }

    fn move_up(&self, queue: &mut Queue, max: u32) -> Vec<Waker> {
        let mut woken = Vec::new();
        while self.change(|load| load.moved_up(max)).is_some() {
            woken.extend(queue.pop().and_then(|Next(waker)| waker));
        }
        woken
    }

    /// Takes a place, or waits for one at the end of the queue if `admit` says so of the load. It is
    /// asked once, and nobody comes or goes meanwhile but calls that give their places back.
    pub(crate) fn ask(&self, admit: impl FnOnce(Load) -> bool) -> Asked {
        if let Some(in_flight) = self.try_enter() {
            return Asked::Entered(in_flight);
        }
        let mut admit = Some(admit);
        let mut queue = self.queue();
        loop {
            // A place may have become free before the lock was taken.
            if let Some(in_flight) = self.try_enter() {
                return Asked::Entered(in_flight);
            }
            let load = self.load();
            if admit.take().is_some_and(|admit| !admit(load)) {
                return Asked::Full;
            }
            let max = self.max();
            let queued = |load: Load| {
                let is_full = load.in_flight >= max || load.waiting > 0;
                if is_full { load.queued(u32::MAX) } else { None }
            };
            if self.change(queued).is_some() {
                return Asked::Queued(queue.push());
            }
            if self.load().waiting == u32::MAX {
                return Asked::Full;
            }
        }
    }

    /// Whether a call that waited has been given a place; if not, it will be woken.
    fn is_granted(&self, number: u64, waker: &Waker) -> bool {
        !self.queue().note(number, waker)
    }

    /// Ends the wait of a call; whether it has been given a place.
    fn leave_queue(&self, number: u64) -> bool {
        let mut queue = self.queue();
        let waited = queue.remove(number);
        if waited {
            self.change(|load| Some(load.unqueued()));
        }
        !waited
    }

    /// Gives a place back, or on to the call that waits longest.
    #[inline]
    pub(crate) fn leave(&self) {
        if self.change(Load::left).is_none() {
            self.hand_on();
        }
    }

    #[cold]
    fn hand_on(&self) {
        let mut queue = self.queue();
        let max = self.max();
        // All who waited may have left meanwhile.
        while self.change(|load| load.left_of(max)).is_none() {
            if let Some(Next(waker)) = queue.pop() {
                self.change(|load| Some(load.unqueued()));
                drop(queue);
                if let Some(waker) = waker {
                    waker.wake();
                }
                return;
            }
        }
    }

    /// Changes the number of places. Further ones go to those who wait; of fewer, those that are in
    /// use stay so until they are given back. Returns whom to wake.
    #[must_use = "those who have a place now are to be woken"]
    pub(crate) fn resize(&self, max: u32) -> Vec<Waker> {
        let mut queue = self.queue();
        self.max.store(max, Ordering::Release);
        self.move_up(&mut queue, max)
    }
}
