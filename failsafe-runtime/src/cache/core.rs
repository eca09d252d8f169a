//! The decisions: whether a value is still good, and who runs for a key while others wait.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Whether a value of this age is still good: up to its time to live, and not at it.
pub(super) fn is_fresh(age: Duration, ttl: Option<Duration>) -> bool {
    ttl.is_none_or(|ttl| age < ttl)
}

/// The keys that somebody runs for, and who waits for each.
///
/// Keys are told apart by their hash first, so that no hashing is done in here.
pub(super) struct Flights<K, W> {
    by_hash: HashMap<u64, Vec<Flight<K, W>>>,
}

struct Flight<K, W> {
    id: u64,
    key: Arc<K>,
    /// Whether its value may be kept: nobody has removed the key since it began.
    current: bool,
    waiting: VecDeque<W>,
}

/// The end of a flight.
pub(super) struct Landed<W> {
    /// Whether its value may be kept.
    pub(super) current: bool,
    /// Who waits for the value, in order.
    pub(super) waiting: VecDeque<W>,
}

impl<K, W> Default for Flights<K, W> {
    fn default() -> Self {
        Self { by_hash: HashMap::new() }
    }
}

impl<K, W> Flights<K, W> {
    /// The flight that a call for this key would wait for.
    pub(super) fn current(&self, hash: u64, is: impl Fn(&K) -> bool) -> Option<u64> {
        let mut flights = self.by_hash.get(&hash)?.iter();
        flights.find(|flight| flight.current && is(&flight.key)).map(|flight| flight.id)
    }

    /// Begins a flight.
    pub(super) fn begin(&mut self, hash: u64, id: u64, key: Arc<K>) {
        let flight = Flight { id, key, current: true, waiting: VecDeque::new() };
        self.by_hash.entry(hash).or_default().push(flight);
    }

    /// Waits for a flight, behind those who do already.
    pub(super) fn wait(&mut self, hash: u64, id: u64, waiter: W) {
        if let Some(flight) = self.flight(hash, id) {
            flight.waiting.push_back(waiter);
        }
    }

    /// Waits no longer.
    pub(super) fn leave(&mut self, hash: u64, id: u64, is: impl Fn(&W) -> bool) {
        if let Some(flight) = self.flight(hash, id) {
            flight.waiting.retain(|waiter| !is(waiter));
        }
    }

    /// Whether the value of a flight may be kept.
    pub(super) fn is_current(&mut self, hash: u64, id: u64) -> bool {
        self.flight(hash, id).is_some_and(|flight| flight.current)
    }

    /// The flight has no value: whoever has waited longest goes on with it; without anybody it ends.
    pub(super) fn hand_over(&mut self, hash: u64, id: u64) -> Option<W> {
        let next = self.flight(hash, id)?.waiting.pop_front();
        if next.is_none() {
            self.land(hash, id);
        }
        next
    }

    /// The flight ends with a value.
    pub(super) fn land(&mut self, hash: u64, id: u64) -> Option<Landed<W>> {
        let flights = self.by_hash.get_mut(&hash)?;
        let place = flights.iter().position(|flight| flight.id == id)?;
        let Flight { current, waiting, .. } = flights.swap_remove(place);
        if flights.is_empty() {
            self.by_hash.remove(&hash);
        }
        Some(Landed { current, waiting })
    }

    /// What runs for a key is not to be kept, and nobody else is to wait for it.
    pub(super) fn outdate(&mut self, hash: u64, is: impl Fn(&K) -> bool) {
        for flight in self.by_hash.get_mut(&hash).into_iter().flatten() {
            flight.current &= !is(&flight.key);
        }
    }

    /// The same for all keys.
    pub(super) fn outdate_all(&mut self) {
        for flight in self.by_hash.values_mut().flatten() {
            flight.current = false;
        }
    }

    /// How many flights there are, and how many wait for them.
    pub(super) fn count(&self) -> (usize, usize) {
        let flights = self.by_hash.values().flatten();
        flights.fold((0, 0), |(count, waiting), flight| (count + 1, waiting + flight.waiting.len()))
    }

    fn flight(&mut self, hash: u64, id: u64) -> Option<&mut Flight<K, W>> {
        self.by_hash.get_mut(&hash)?.iter_mut().find(|flight| flight.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::{Flights, is_fresh};
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn a_value_is_good_until_its_time() {
        let ttl = Some(Duration::from_secs(30));
        assert!(is_fresh(Duration::ZERO, ttl));
        assert!(is_fresh(Duration::from_secs(30) - Duration::from_nanos(1), ttl));
        assert!(!is_fresh(Duration::from_secs(30), ttl));
        assert!(is_fresh(Duration::MAX, None));
        assert!(is_fresh(Duration::from_nanos(u64::MAX), Some(Duration::MAX)));
    }

    #[test]
    fn keys_of_one_hash_do_not_meet() {
        let mut flights = Flights::<&str, u8>::default();
        flights.begin(7, 1, Arc::new("a"));
        assert_eq!(flights.current(7, |key| *key == "b"), None);
        flights.begin(7, 2, Arc::new("b"));
        flights.wait(7, 1, 10);
        flights.wait(7, 2, 20);
        assert_eq!(flights.count(), (2, 2));
        assert_eq!(flights.hand_over(7, 2), Some(20));
        assert_eq!(flights.hand_over(7, 2), None, "nobody waits, so it is over");
        assert_eq!(flights.current(7, |key| *key == "b"), None);
        let landed = flights.land(7, 1).expect("it is under way");
        assert!(landed.current);
        assert_eq!(landed.waiting, [10]);
        assert!(flights.by_hash.is_empty(), "nothing is left behind");
    }

    #[test]
    fn what_is_outdated_is_waited_for_by_nobody_else() {
        let mut flights = Flights::<&str, u8>::default();
        flights.begin(7, 1, Arc::new("a"));
        flights.wait(7, 1, 10);
        flights.outdate(7, |key| *key == "a");
        assert_eq!(flights.current(7, |key| *key == "a"), None);
        flights.begin(7, 2, Arc::new("a"));
        assert_eq!(flights.current(7, |key| *key == "a"), Some(2));
        assert!(!flights.land(7, 1).expect("it is under way").current);
        flights.outdate_all();
        assert!(!flights.is_current(7, 2));
    }
}
