//! Who waits, in which order, and the word that counts places.

use std::collections::VecDeque;
use std::task::Waker;

/// The places in use and the calls that wait, in one word, so that both change at once. While
/// anybody waits, all places are in use; more may be, where their number has become smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Load {
    pub(crate) in_flight: u32,
    pub(crate) waiting: u32,
}

impl Load {
    pub(super) const fn from_word(word: u64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "each half of the word is a number")]
        Self { in_flight: word as u32, waiting: (word >> 32) as u32 }
    }

    pub(super) const fn word(self) -> u64 {
        (self.waiting as u64) << 32 | self.in_flight as u64
    }

    /// One more call has a place, if one is free.
    pub(super) const fn entered(mut self, max: u32) -> Option<Self> {
        if self.in_flight >= max || self.waiting > 0 {
            return None;
        }
        self.in_flight += 1;
        Some(self)
    }

    /// One more call has a place, also if none is free.
    pub(super) const fn let_in(mut self) -> Self {
        self.in_flight = self.in_flight.saturating_add(1);
        self
    }

    /// One more call waits, if the queue has room.
    pub(super) const fn queued(mut self, longest: u32) -> Option<Self> {
        if self.waiting >= longest {
            return None;
        }
        self.waiting += 1;
        Some(self)
    }

    /// A place is free again, unless somebody waits for it.
    pub(super) const fn left(mut self) -> Option<Self> {
        if self.waiting > 0 {
            return None;
        }
        self.in_flight = self.in_flight.saturating_sub(1);
        Some(self)
    }

    /// A place is gone that was one too many, or that nobody waits for.
    pub(super) const fn left_of(mut self, max: u32) -> Option<Self> {
        if self.waiting > 0 && self.in_flight <= max {
            return None;
        }
        self.in_flight = self.in_flight.saturating_sub(1);
        Some(self)
    }

    /// The call that waits longest has a place, if one is free and somebody waits.
    pub(super) const fn moved_up(mut self, max: u32) -> Option<Self> {
        if self.waiting == 0 || self.in_flight >= max {
            return None;
        }
        self.waiting -= 1;
        self.in_flight += 1;
        Some(self)
    }

    /// One call fewer waits.
    pub(super) const fn unqueued(mut self) -> Self {
        self.waiting = self.waiting.saturating_sub(1);
        self
    }
}

/// A call that is next; nobody is to be woken for one that has not been polled yet.
#[derive(Debug)]
pub(super) struct Next(pub(super) Option<Waker>);

/// The calls that wait, first come first. One that is no longer here has been given a place.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// By number; numbers rise.
    waiters: VecDeque<(u64, Option<Waker>)>,
    next: u64,
}

impl Queue {
    /// Puts a call at the end; returns its number.
    pub(super) fn push(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        self.waiters.push_back((number, None));
        number
    }

    /// Takes out the call that waits longest, if there is one, with whom to wake for it.
    pub(super) fn pop(&mut self) -> Option<Next> {
        self.waiters.pop_front().map(|(_, waker)| Next(waker))
    }

    /// Notes whom to wake; whether the call still waits.
    pub(super) fn note(&mut self, number: u64, waker: &Waker) -> bool {
        let Some(place) = self.find(number) else { return false };
        match &mut self.waiters[place].1 {
            Some(noted) => noted.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
        true
    }

    /// Takes a call out that waits no longer; whether it still did.
    pub(super) fn remove(&mut self, number: u64) -> bool {
        self.find(number).and_then(|place| self.waiters.remove(place)).is_some()
    }

    fn find(&self, number: u64) -> Option<usize> {
        self.waiters.binary_search_by_key(&number, |(number, _)| *number).ok()
    }
}
