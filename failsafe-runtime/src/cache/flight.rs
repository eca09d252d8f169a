//! A call that runs for a key, and a call that waits for it.

use super::event::CacheEvent;
use super::key::Hashed;
use super::leading::{Leading, Led};
use super::outcome::Keeping;
use super::store::Stored;
use crate::attempt::{Call, Counters};
use crate::clock;
use crate::events::What;
use crate::listener::Hear;
use crate::live::Mode;
use crate::outcome::Flow;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

/// What calls that run and calls that wait ask of the table, whatever its types are able to: whether
/// they fit is found out where a call begins, and nowhere else.
pub(super) trait Lands<K, V>: Send + Sync {
    /// Whether the cache acts.
    fn mode(&self) -> Mode;

    /// Keeps a value, and gives it to those who wait for it.
    fn land(&self, key: &Arc<Hashed<K>>, id: Option<u64>, stored: &Stored<V>);

    /// Gives a value that was kept meanwhile to those who wait.
    fn pass_on(&self, key: &Hashed<K>, id: u64, found: &Stored<V>);

    /// Leaves a key to whoever has waited longest for it.
    fn hand_over(&self, hash: u64, id: u64);

    /// Waits no longer; if it is its turn, leaves that to the next.
    fn leave(&self, hash: u64, id: u64, seat: &Arc<Seat<V>>);

    /// A clone of a value.
    fn copy(&self, value: &V) -> V;

    /// Counts a call that was answered or has to run, and tells of it.
    fn tell(
        &self,
        what: What,
        counters: Counters,
        value: Option<&V>,
        hear: &dyn for<'e> Hear<CacheEvent<'e, V>>,
    );
}

/// What becomes of a call, at once or after a wait.
#[doc(hidden)]
#[derive(Debug)]
#[must_use = "a flight ends when this is dropped"]
pub enum Begun<K, V> {
    /// It is answered or has to run.
    Ready(Turn<K, V>),
    /// Another runs for the same key.
    Wait(Waiter<K, V>),
}

impl<K, V> Begun<K, V> {
    /// Waits for the other, if there is one.
    #[inline]
    pub async fn wait(self) -> Turn<K, V> {
        match self {
            Self::Ready(turn) => turn,
            Self::Wait(waiter) => waiter.wait().await,
        }
    }

    /// Blocks the thread until the other is over, if there is one.
    #[inline]
    pub fn block(self) -> Turn<K, V> {
        match self {
            Self::Ready(turn) => turn,
            Self::Wait(waiter) => waiter.block(),
        }
    }
}

/// What becomes of a call.
#[doc(hidden)]
#[derive(Debug)]
#[must_use = "a flight ends when this is dropped"]
pub enum Turn<K, V> {
    /// It is answered.
    Answered(Answer<K, V>),
    /// It has to run.
    Run(Flight<K, V>),
}

/// The value that answers a call.
#[doc(hidden)]
pub struct Answer<K, V> {
    table: Arc<dyn Lands<K, V>>,
    stored: Stored<V>,
}

impl<K, V> Answer<K, V> {
    pub(super) const fn new(table: Arc<dyn Lands<K, V>>, stored: Stored<V>) -> Self {
        Self { table, stored }
    }

    /// Tells that the call is answered, and makes the outcome.
    ///
    /// # Errors
    ///
    /// That the call runs all the same, as the cache only observes.
    pub fn recall<R, L>(
        self,
        call: &Call,
        keeping: &Keeping<R, V>,
        hear: &L,
    ) -> Result<R, Flight<K, V>>
    where
        L: for<'e> Hear<CacheEvent<'e, V>>,
    {
        let mode = self.table.mode();
        if mode != Mode::Off {
            self.table.tell(What::Hit, call.counters(), Some(self.stored.value()), hear);
        }
        if mode == Mode::Observe {
            return Err(Flight::untold(self.table));
        }
        Ok((keeping.recall)(self.table.copy(self.stored.value())))
    }
}

impl<K, V> fmt::Debug for Answer<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

/// A call that runs. Dropped before it has a value, it leaves the key to whoever waits longest.
#[doc(hidden)]
#[must_use = "another runs for the key when this is dropped"]
pub struct Flight<K, V> {
    table: Arc<dyn Lands<K, V>>,
    /// None where the call has no key.
    key: Option<Arc<Hashed<K>>>,
    /// None where nobody can wait for it.
    id: Option<u64>,
    /// Whether it is told that the call has to run.
    told: bool,
}

impl<K, V> Flight<K, V> {
    pub(super) const fn leading(table: Arc<dyn Lands<K, V>>, key: Arc<Hashed<K>>, id: u64) -> Self {
        Self { table, key: Some(key), id: Some(id), told: true }
    }

    /// Inside another flight for the same key.
    pub(super) const fn alone(table: Arc<dyn Lands<K, V>>, key: Arc<Hashed<K>>) -> Self {
        Self { table, key: Some(key), id: None, told: true }
    }

    /// Without a key: nothing is kept.
    pub(super) const fn without_key(table: Arc<dyn Lands<K, V>>) -> Self {
        Self { table, key: None, id: None, told: true }
    }

    /// Runs as if there were no cache: nothing is kept, and nothing told.
    pub(super) const fn untold(table: Arc<dyn Lands<K, V>>) -> Self {
        Self { table, key: None, id: None, told: false }
    }

    /// Tells that the call has to run.
    pub fn missed<L>(&self, call: &Call, hear: &L)
    where
        L: for<'e> Hear<CacheEvent<'e, V>>,
    {
        if !self.told || self.table.mode() == Mode::Off {
            return;
        }
        let _leading = self.lead();
        self.table.tell(What::Miss, call.counters(), None, hear);
    }

    /// Says, until it is dropped, that what runs on this thread belongs to the flight.
    pub fn lead(&self) -> Leading {
        Leading::new(self.id)
    }

    /// A body that belongs to the flight.
    pub const fn led<F>(&self, body: F) -> Led<F> {
        Led::new(self.id, body)
    }

    /// Keeps what the outcome says, if it is to be kept, and answers those who wait with it.
    pub fn finish<R, L>(
        mut self,
        call: &Call,
        flow: &Flow<R>,
        keeping: &Keeping<R, V>,
        keeps: impl FnOnce(&R) -> bool,
        hear: &L,
    ) where
        L: for<'e> Hear<CacheEvent<'e, V>>,
    {
        let Some(key) = &self.key else { return };
        let outcome = flow.as_ref().ok().filter(|outcome| keeps(outcome));
        let Some(value) = outcome.and_then(keeping.kept) else { return };
        let stored = Stored::new(self.table.copy(value));
        // Switched off meanwhile: nothing is kept, but those who wait are answered.
        if self.table.mode() == Mode::Off {
            return self.pass_on(&stored);
        }
        self.table.land(key, self.id, &stored);
        self.id = None;
        self.table.tell(What::Cached, call.counters(), Some(stored.value()), hear);
    }

    /// Answers those who wait with a value that was kept meanwhile.
    pub(super) fn pass_on(mut self, found: &Stored<V>) {
        let (Some(key), Some(id)) = (&self.key, self.id.take()) else { return };
        self.table.pass_on(key, id, found);
    }
}

impl<K, V> Drop for Flight<K, V> {
    fn drop(&mut self) {
        if let (Some(key), Some(id)) = (&self.key, self.id) {
            self.table.hand_over(key.hash, id);
        }
    }
}

impl<K, V> fmt::Debug for Flight<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flight").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What one who waits finds.
pub(super) struct Seat<V>(Mutex<Found<V>>);

enum Found<V> {
    Nothing(Option<Waker>),
    /// It is its turn to run.
    Lead,
    Value(Stored<V>),
}

impl<V> Default for Seat<V> {
    fn default() -> Self {
        Self(Mutex::new(Found::Nothing(None)))
    }
}

impl<V> Seat<V> {
    fn found(&self) -> MutexGuard<'_, Found<V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, found: Found<V>) -> Option<Waker> {
        match std::mem::replace(&mut *self.found(), found) {
            Found::Nothing(waker) => waker,
            Found::Lead | Found::Value(_) => None,
        }
    }

    pub(super) fn give_lead(&self) -> Option<Waker> {
        self.put(Found::Lead)
    }

    /// The value is there.
    pub(super) fn land(&self, stored: Stored<V>) {
        if let Some(waker) = self.put(Found::Value(stored)) {
            waker.wake();
        }
    }

    pub(super) fn has_lead(&self) -> bool {
        matches!(*self.found(), Found::Lead)
    }
}

/// A call that waits for another. Dropped, it waits no longer, and if it was its turn, leaves that to
/// the next.
#[doc(hidden)]
#[must_use = "it waits no longer when this is dropped"]
pub struct Waiter<K, V> {
    table: Arc<dyn Lands<K, V>>,
    key: Arc<Hashed<K>>,
    id: u64,
    /// None when the wait is over.
    seat: Option<Arc<Seat<V>>>,
}

impl<K, V> Waiter<K, V> {
    pub(super) const fn new(
        table: Arc<dyn Lands<K, V>>,
        key: Arc<Hashed<K>>,
        id: u64,
        seat: Arc<Seat<V>>,
    ) -> Self {
        Self { table, key, id, seat: Some(seat) }
    }

    /// Waits for the value, or for its turn.
    pub async fn wait(mut self) -> Turn<K, V> {
        poll_fn(|cx| self.poll(cx.waker())).await
    }

    /// Blocks the thread until there is the value, or it is its turn.
    pub fn block(mut self) -> Turn<K, V> {
        let waker = clock::unpark_this_thread();
        loop {
            if let Poll::Ready(turn) = self.poll(&waker) {
                return turn;
            }
            clock::park(Duration::MAX);
        }
    }

    fn poll(&mut self, waker: &Waker) -> Poll<Turn<K, V>> {
        let seat = self.seat.as_ref().expect("it is polled until it is ready");
        let turn = match &mut *seat.found() {
            Found::Nothing(noted) => {
                if !noted.as_ref().is_some_and(|noted| noted.will_wake(waker)) {
                    *noted = Some(waker.clone());
                }
                return Poll::Pending;
            }
            Found::Value(stored) => {
                Turn::Answered(Answer::new(Arc::clone(&self.table), stored.clone()))
            }
            Found::Lead => {
                let (table, key) = (Arc::clone(&self.table), Arc::clone(&self.key));
                Turn::Run(Flight::leading(table, key, self.id))
            }
        };
        self.seat = None;
        Poll::Ready(turn)
    }
}

impl<K, V> Drop for Waiter<K, V> {
    fn drop(&mut self) {
        let Some(seat) = self.seat.take() else { return };
        self.table.leave(self.key.hash, self.id, &seat);
    }
}

impl<K, V> fmt::Debug for Waiter<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter").field("id", &self.id).finish_non_exhaustive()
    }
}
