//! Wherever a call is dropped, and wherever its body panics, what it held is given back: places, permits, the lead of a
//! cache, a probe, what a budget counts. One test of every policy, by what the registry shows.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use failsafe::testing::{VirtualTime, with_chance};
use failsafe::{
    Budget, Detail, Kind, Prioritizer, Registry, adaptive_limiter, adaptive_throttler, bulkhead,
    cache, circuit_breaker, fail_fast, fallback, feature_toggle, hedge, policy, rate_limiter,
    registry, retry, timeout,
};

use crate::harness::*;

/// The only key there is: what matters here is that a key has an instance of its own.
const KEY: u32 = 7;

/// How much time passes between two polls.
const TICK: u64 = 10;

/// The code under the policies: it waits at three places, a tick at each, and fails.
struct Places {
    /// At which place, counted over all runs, it panics.
    panics_at: Option<u32>,
    passed: AtomicU32,
}

impl Places {
    fn new(panics_at: Option<u32>) -> Self {
        Self { panics_at, passed: AtomicU32::new(0) }
    }

    async fn run(&self) -> Res {
        for _ in 0..3 {
            self.pass();
            VirtualTime::sleep(ms(TICK)).await;
        }
        self.pass();
        DOWN
    }

    fn block(&self) -> Res {
        (0..4).for_each(|_| self.pass());
        DOWN
    }

    fn pass(&self) {
        let place = self.passed.fetch_add(1, Ordering::Relaxed);
        if self.panics_at == Some(place) {
            // As a panic, but one that is not printed.
            std::panic::resume_unwind(Box::new("at this place"));
        }
    }
}

/// What is shown of a policy that counts what has happened, not what is under way. Everything else that is shown is a
/// gauge, so that of a new policy all is.
const COUNTED: &[(&str, &[&str])] = &[
    ("adaptive_limiter", &["max_in_flight", "rejection_rate"]),
    ("adaptive_throttler", &["executions", "failures", "rejection_rate", "successes"]),
    ("cache", &["hits", "misses"]),
    ("circuit_breaker", &["executions", "failures", "successes"]),
    ("fail_fast", &["failures", "failed_for_ms", "next_probe_ms", "probes"]),
    ("hedge", &["quantile_ms", "samples"]),
    ("rate_limiter", &["available"]),
];

type Gauges = BTreeMap<String, Detail>;

/// What is under way, as the registry shows it.
fn gauges() -> Gauges {
    let mut gauges = Gauges::new();
    for snapshot in registry().snapshot().policies {
        let counted = COUNTED.iter().find(|(policy, _)| *policy == snapshot.policy);
        let counted = counted.map_or(&[][..], |(_, counted)| counted);
        let details = serde_json::to_value(&snapshot.details).unwrap();
        for detail in details.as_object().unwrap().keys() {
            if !counted.contains(&detail.as_str()) {
                let name = format!("{} `{}` {detail}", snapshot.policy, snapshot.name);
                gauges.insert(name, snapshot.details.get(detail).unwrap().clone());
            }
        }
    }
    gauges
}

/// A policy in one of its forms, under contention where it knows any.
struct Case {
    policies: &'static [&'static str],
    later: for<'a> fn(&'a Places) -> Pending<'a>,
    now: Option<fn(&Places) -> Res>,
    /// Brings it into the state in which calls are made.
    prepare: fn(),
    /// How many permits are free, where the snapshot does not show it.
    free: fn() -> usize,
    /// The gauge that has to be seen above its start, to know that the call waited or held something.
    moves: &'static str,
}

macro_rules! cases {
    (@now blocking $name:ident) => { Some($name::now) };
    (@now asynchronous $name:ident) => { None };
    (@block blocking $(#[$policy:meta])+) => {
        $(#[$policy])+
        pub(super) fn now(places: &Places) -> Res {
            places.block()
        }
    };
    (@block asynchronous $(#[$policy:meta])+) => {};
    (@or $default:expr,) => { $default };
    (@or $default:expr, $given:expr) => { $given };
    ($(
        $kind:ident $name:ident [$($policies:literal),+] { $(#[$policy:meta])+ }
        ($(prepare $prepare:expr;)? $(free $free:expr;)? $(moves $moves:literal;)?)
    )+) => {
        $(mod $name {
            #[allow(unused_imports, reason = "not every policy names something")]
            use super::*;

            $(#[$policy])+
            pub(super) async fn later(places: &Places) -> Res {
                places.run().await
            }

            cases!(@block $kind $(#[$policy])+);
        })+

        const CASES: &[(&str, Case)] = &[$((stringify!($name), Case {
            policies: &[$($policies),+],
            later: |places| Box::pin($name::later(places)),
            now: cases!(@now $kind $name),
            prepare: cases!(@or || (), $($prepare)?),
            free: cases!(@or || 0, $($free)?),
            moves: cases!(@or "", $($moves)?),
        })),+];
    };
}

static SPARE: Budget = policy!(budget(name = "gauges: budget", min_concurrency = 5));
static SHEDDING: Prioritizer = policy!(prioritizer(name = "gauges: prioritizer"));

/// The free places of a breaker that is half-open.
fn breaker_places() -> usize {
    let breaker = registry().circuit_breaker("gauges: breaker").unwrap();
    let permits: Vec<_> = std::iter::from_fn(|| breaker.try_acquire()).take(20).collect();
    permits.len()
}

async fn slow_probe() -> bool {
    VirtualTime::sleep(ms(3 * TICK)).await;
    true
}

cases! {
    blocking retry_with_a_budget ["retry", "budget"] {
        #[retry(max = 2, delay = "20ms", budget = SPARE)]
    } (
        moves "extras";
    )
    blocking half_open ["circuit_breaker"] {
        #[circuit_breaker(name = "gauges: breaker", failures = 4, successes = "2/9")]
    } (
        prepare || registry().circuit_breaker("gauges: breaker").unwrap().half_open();
        free breaker_places;
    )
    blocking keyed_breaker ["circuit_breaker"] {
        #[circuit_breaker(name = "gauges: keyed breaker", failures = 9, key = KEY)]
    } ()
    asynchronous limited_in_time ["timeout", "bulkhead"] {
        #[timeout("45ms")]
        #[bulkhead(1, name = "gauges: timeout", wait = "1s")]
    } (
        moves "waiting";
    )
    blocking answered ["fallback", "bulkhead"] {
        #[fallback(value = Ok(0))]
        #[bulkhead(1, name = "gauges: fallback", wait = "1s")]
    } (
        moves "in_flight";
    )
    blocking paced ["rate_limiter"] {
        #[rate_limiter(name = "gauges: paced", smooth = "1 per 25ms", wait = "1s")]
    } (
        moves "owed";
    )
    blocking keyed_and_paced ["rate_limiter"] {
        #[rate_limiter(name = "gauges: keyed pace", smooth = "1 per 25ms", wait = "1s", key = KEY)]
    } (
        moves "owed";
    )
    blocking toggled ["feature_toggle"] {
        #[feature_toggle(name = "gauges: toggle")]
    } ()
    blocking one_at_a_time ["bulkhead"] {
        #[bulkhead(1, name = "gauges: bulkhead", wait = "1s", queue = 3)]
    } (
        moves "waiting";
    )
    blocking keyed_bulkhead ["bulkhead"] {
        #[bulkhead(1, name = "gauges: keyed bulkhead", wait = "1s", key = (KEY, "key"))]
    } (
        moves "waiting";
    )
    blocking tried_again ["retry", "bulkhead"] {
        #[retry(max = 3, delay = "15ms")]
        #[bulkhead(1, name = "gauges: retried")]
    } (
        moves "in_flight";
    )
    blocking failing_fast ["fail_fast"] {
        #[fail_fast(name = "gauges: fail fast", failures = 9)]
    } ()
    asynchronous branches_that_wait ["hedge", "bulkhead", "budget"] {
        #[hedge("5ms", max = 2, name = "gauges: hedge", budget = SPARE)]
        #[bulkhead(2, name = "gauges: hedged", wait = "1s")]
    } (
        moves "waiting";
    )
    asynchronous hedged_permits ["hedge", "rate_limiter", "budget"] {
        #[retry(max = 1, budget = SPARE)]
        #[hedge("5ms", max = 2, name = "gauges: hedged pace", budget = SPARE)]
        #[rate_limiter(name = "gauges: branches", smooth = "1 per 25ms", wait = "1s")]
    } (
        moves "owed";
    )
    blocking one_for_all ["cache"] {
        #[cache(key = 7, name = "gauges: cache")]
    } (
        moves "waiting";
    )
    blocking throttled ["adaptive_throttler"] {
        #[adaptive_throttler(name = "gauges: throttler", failure_rate = "50% of 9")]
    } ()
    blocking prioritized ["adaptive_throttler", "prioritizer"] {
        #[adaptive_throttler(name = "gauges: shed", failure_rate = "50% of 9", prioritizer = SHEDDING, user = "u")]
    } ()
    blocking limited ["adaptive_limiter"] {
        #[adaptive_limiter(name = "gauges: limiter", limits = "1..1", wait = "1s")]
    } (
        moves "queued";
    )
    blocking keyed_limiter ["adaptive_limiter"] {
        #[adaptive_limiter(name = "gauges: keyed limiter", limits = "1..1", wait = "1s", key = KEY)]
    } (
        moves "queued";
    )
    blocking prioritized_limiter ["adaptive_limiter", "prioritizer"] {
        #[adaptive_limiter(name = "gauges: priorities", limits = "1..1", queue = "2..9", prioritizer = SHEDDING, user = "u")]
    } (
        moves "queued";
    )
    blocking all_at_once ["fallback", "retry", "rate_limiter", "circuit_breaker", "bulkhead", "adaptive_limiter", "cache"] {
        #[fallback(value = Ok(0), handle_rejected(Kind::RateLimited))]
        #[retry(max = 1, delay = "10ms", budget = SPARE)]
        #[cache(key = 7, name = "gauges: all, cache")]
        #[rate_limiter(name = "gauges: all, pace", smooth = "1 per 10ms", wait = "1s")]
        #[circuit_breaker(name = "gauges: all, breaker", failures = 99)]
        #[adaptive_limiter(name = "gauges: all, limiter", limits = "1..1", wait = "1s")]
        #[bulkhead(1, name = "gauges: all, bulkhead", wait = "1s")]
    } (
        moves "waiting";
    )
}

thread_local! {
    static TIME: std::cell::RefCell<VirtualTime> = std::cell::RefCell::default();
}

fn advance(millis: u64) {
    TIME.with(|time| time.borrow().advance(ms(millis)));
}

/// A case in a registry and a time of its own; the gauges when nobody has called since.
fn alone(case: &Case, test: impl FnOnce(&Start)) {
    let time = VirtualTime::new();
    TIME.with(|here| here.replace(time.clone()));
    let test = || {
        time.blocking(|| {
            // The instances are made by a call.
            let warm = Places::new(None);
            let mut call = (case.later)(&warm);
            for _ in 0..20 {
                if poll(&mut call).is_ready() {
                    break;
                }
                advance(TICK);
            }
            drop(call);
            advance(1_000_000);
            registry().reset();
            (case.prepare)();
            test(&Start { gauges: gauges(), free: (case.free)() });
        });
    };
    // No draw of chance refuses a call.
    with_chance([0.999; 99], || Registry::new().scope_blocking(test));
}

/// How everything was at the start.
struct Start {
    gauges: Gauges,
    free: usize,
}

impl Start {
    /// Everything is as it was.
    fn assert_restored(&self, case: &Case, when: &str) {
        assert_eq!(gauges(), self.gauges, "{when}");
        assert_eq!((case.free)(), self.free, "free permits, {when}");
    }

    /// Whether the gauge of that name is higher than it was.
    fn is_above(&self, gauge: &str) -> bool {
        let of = |gauges: &Gauges| {
            let named = gauges.iter().filter(|(name, _)| name.ends_with(gauge));
            named.map(|(_, value)| format!("{value:?}")).collect::<Vec<_>>()
        };
        of(&gauges()) != of(&self.gauges)
    }
}

fn poll(call: &mut Pending<'_>) -> Poll<Res> {
    call.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls a call that may panic; whether it is over, one way or the other.
fn is_over(call: &mut Pending<'_>) -> bool {
    catch_unwind(AssertUnwindSafe(|| poll(call).is_ready())).unwrap_or(true)
}

#[test]
fn every_table_has_a_case() {
    let covered: BTreeSet<_> = CASES.iter().flat_map(|(_, case)| case.policies).copied().collect();
    let all: BTreeSet<_> = failsafe::config::tables().map(|table| table.name).collect();
    assert_eq!(covered, all);
}

// A call that is dropped after so many polls: alone, and while another one holds what it wants, and after that has ended.
#[test]
fn a_call_that_is_dropped_gives_everything_back() {
    for (name, case) in CASES {
        for contended in [true, false] {
            let (mut over, mut polls, mut moved) = (false, 0, false);
            while !over {
                let when = format!("{name}, dropped after {polls} polls, contended: {contended}");
                alone(case, |start| {
                    let (others, own) = (Places::new(None), Places::new(None));
                    let mut holder = contended.then(|| (case.later)(&others));
                    let mut held = holder.as_mut().is_some_and(|call| poll(call).is_pending());
                    assert_eq!(held, contended, "{when}: the other call is over at once");
                    let mut call = (case.later)(&own);
                    for _ in 0..polls {
                        over = poll(&mut call).is_ready();
                        moved |= start.is_above(case.moves);
                        if over {
                            break;
                        }
                        advance(TICK);
                        if let Some(holder) = holder.as_mut().filter(|_| held) {
                            held = poll(holder).is_pending();
                        }
                    }
                    drop(call);
                    drop(holder);
                    start.assert_restored(case, &when);
                });
                polls += 1;
                assert!(polls < 99, "{when}: it does not end");
            }
            // It was dropped at several places, and what it held or waited for was seen.
            assert!(polls > 4, "{name}: {polls}");
            let shown = case.moves.is_empty() || moved || !contended;
            assert!(shown, "{name}: `{}` was never seen to move", case.moves);
        }
    }
}

// A call whose body panics at one of its places, alone and while another call waits for what it holds.
#[test]
fn a_call_that_panics_gives_everything_back() {
    for (name, case) in CASES {
        for place in 0..8 {
            for contended in [false, true] {
                let when = format!("{name}, panicking at place {place}, contended: {contended}");
                alone(case, |start| {
                    let (own, others) = (Places::new(Some(place)), Places::new(None));
                    let mut call = (case.later)(&own);
                    let mut over = is_over(&mut call);
                    let mut waiting = contended.then(|| (case.later)(&others));
                    let mut waited = false;
                    for _ in 0..40 {
                        if let Some(waiting) = waiting.as_mut().filter(|_| !waited) {
                            waited = is_over(waiting);
                        }
                        advance(TICK);
                        over = over || is_over(&mut call);
                    }
                    assert!(over && (waited || !contended), "{when}: it does not end");
                    drop(call);
                    drop(waiting);
                    start.assert_restored(case, &when);
                });
            }
        }
    }
}

#[test]
fn a_blocking_call_that_panics_gives_everything_back() {
    for (name, case) in CASES {
        let Some(now) = case.now else { continue };
        for place in 0..8 {
            alone(case, |start| {
                let own = Places::new(Some(place));
                let panicked = catch_unwind(AssertUnwindSafe(|| now(&own))).is_err();
                let came_there = own.passed.load(Ordering::Relaxed) > place;
                assert_eq!(panicked, came_there, "{name} at place {place}");
                assert!(panicked || place > 3, "{name} at place {place}");
                start.assert_restored(case, &format!("{name}, panicking at place {place}"));
            });
        }
    }
}

#[fail_fast(name = "gauges: probed", every = "50ms", probe = slow_probe)]
async fn probed(places: &Places) -> Res {
    places.run().await
}

// A call that is dropped while it runs the probe leaves the probe to the next call.
#[test]
fn a_probe_that_is_dropped_is_left_to_the_next_call() {
    for polls in 0..4 {
        let time = VirtualTime::new();
        time.blocking(|| {
            Registry::new().scope_blocking(|| {
                let state = registry().fail_fast("gauges: probed").unwrap();
                state.fail();
                time.advance(ms(50));
                let (own, others) = (Places::new(None), Places::new(None));
                let mut call: Pending<'_> = Box::pin(probed(&own));
                for _ in 0..polls {
                    assert!(poll(&mut call).is_pending());
                    assert_eq!(own.passed.load(Ordering::Relaxed), 0, "it still probes");
                    time.advance(ms(TICK));
                }
                drop(call);
                assert!(state.is_failed(), "after {polls} polls");
                // It runs the probe at once, and then its body.
                assert_eq!(time.run(probed(&others)), DOWN, "after {polls} polls");
                assert_eq!(others.passed.load(Ordering::Relaxed), 4, "after {polls} polls");
            });
        });
    }
}
