//! Settings change in one step: nobody meets one policy as they are now and another as they were.
//!
//! Readers look at one policy after the other while settings are applied, each time with other options
//! for all of them. What a reader has seen says which settings were in force at the least when it
//! looked; what it sees next must be of these or of later ones, whichever policy it looks at. However
//! the threads take turns, nothing else can be seen, so no reader waits for anything.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use failsafe::config::{HedgeDelay, Value};
use failsafe::settings::{Settings, Stack, from_toml, stack};
use failsafe::{
    AdaptiveLimiter, AdaptiveThrottler, Budget, Bulkhead, CircuitBreaker, Declaration, Hedge, Mode,
    RateLimiter, Registry, Retry, Timeout, policy,
};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

static FIRST: Retry = policy!(retry(name = "first", max = 1));
static SECOND: Retry = policy!(retry(name = "second", max = 1));
static LIMIT: Timeout = policy!(timeout("1ms", name = "together"));
static PLACES: Bulkhead = policy!(bulkhead(1, name = "together"));
static BREAKER: CircuitBreaker = policy!(circuit_breaker(name = "together", delay = "1ms"));
static RATE: RateLimiter = policy!(rate_limiter(smooth = "1/s", wait = "1ms", name = "together"));
static BUDGET: Budget = policy!(budget(name = "together", max_rate = "50%", min_concurrency = 1));
static HEDGE: Hedge = policy!(hedge(name = "together", delay = "1ms"));

/// What a policy looks like.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Seen {
    /// Its options are those of the settings with this number; 1 are those that are written.
    Option(u64),
    /// The number of the settings is even, or it is not.
    Even(bool),
}

impl Seen {
    /// The number of the first settings, from `least` on, that look like this.
    fn earliest(self, least: u64) -> u64 {
        match self {
            Self::Option(1) => least.next_multiple_of(4),
            Self::Option(number) => number,
            Self::Even(true) => least.next_multiple_of(2),
            Self::Even(false) => least | 1,
        }
    }
}

/// Settings by their number: of two, one has the mode of a policy and the policies of a stack
/// otherwise; of four, one leaves all options as they are written.
struct Numbered([Settings; 2]);

impl Numbered {
    fn new() -> Self {
        let even = "[stacks.together]\npolicies = ['timeout.together']";
        let odd = "[retry.first]\nobserve = true\n\
                   [stacks.together]\npolicies = ['retry.second', 'timeout.together']";
        Self([even, odd].map(|text| from_toml(text).unwrap_or_else(|error| panic!("{error}"))))
    }

    fn apply(&self, number: u64) {
        let settings = self.0[usize::from(number % 2 == 1)].clone();
        let settings = if number % 4 == 0 { settings } else { with_options(settings, number) };
        settings.apply().unwrap();
    }

    /// Settings that are refused, as the program uses a stack that they do not define.
    fn refused() {
        with_options(Settings::new(), 1_000_000).apply().unwrap_err();
    }
}

fn with_options(settings: Settings, number: u64) -> Settings {
    let time = &*format!("{number}ms");
    let options: [(&str, &str, Value); 7] = [
        ("retry", "max", number.into()),
        ("timeout", "limit", time.into()),
        ("bulkhead", "max", number.into()),
        ("circuit_breaker", "delay", time.into()),
        ("rate_limiter", "wait", time.into()),
        ("budget", "min_concurrency", number.into()),
        ("hedge", "delay", time.into()),
    ];
    options.into_iter().fold(settings, |settings, (policy, option, value)| {
        settings.set(policy, "*", option, value).unwrap()
    })
}

/// Settings are of the whole process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn millis(time: Duration) -> Seen {
    Seen::Option(u64::try_from(time.as_millis()).unwrap())
}

/// Looks at one policy.
type Look<'a> = (&'a str, &'a (dyn Fn() -> Seen + Sync));

/// Looks at one policy after the other, again and again, until `done`; how many looks found other
/// settings than the last one.
fn read(looks: &[Look<'_>], from: usize, begun: &AtomicU64, done: &AtomicBool) -> u64 {
    let (mut least, mut before, mut switches) = (0, "", 0);
    for (name, look) in looks.iter().cycle().skip(from) {
        if done.load(Ordering::Relaxed) {
            break;
        }
        let seen = look();
        let earliest = seen.earliest(least);
        let latest = begun.load(Ordering::Acquire);
        assert!(
            (least..=latest).contains(&earliest),
            "{name} is as {seen:?}, after {before} was as settings {least}; begun are {latest}"
        );
        switches += u64::from(earliest != least);
        (least, before) = (earliest, name);
    }
    switches
}

/// Makes changes of these numbers, while threads look at the policies, each beginning with another one.
fn change(apply: impl Fn(u64), looks: &[Look<'_>]) {
    const CHANGES: u64 = 4_000;
    let (begun, done) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let (begun, done) = (&begun, &done);
        let readers = (0..3).map(|from| scope.spawn(move || read(looks, from, begun, done)));
        let readers: Vec<_> = readers.collect();
        let is_finished = thread::ScopedJoinHandle::is_finished;
        // One that does not go on has failed.
        for number in (2..CHANGES).take_while(|_| !readers.iter().any(is_finished)) {
            begun.store(number, Ordering::Release);
            apply(number);
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().unwrap() > 0, "a reader saw no change");
        }
    });
}

fn declared(policy: &str, name: &str) -> &'static Declaration {
    let mut all = failsafe::declarations();
    all.find(|one| one.policy() == policy && one.name() == name).unwrap()
}

fn hedged(hedge: &Hedge) -> Seen {
    match hedge.config().get_delay() {
        HedgeDelay::Fixed(delay) => millis(delay),
        other => panic!("its delay is {other:?}"),
    }
}

fn policies_of(stack: &Stack) -> Seen {
    Seen::Even(!format!("{stack:?}").contains("Retry"))
}

#[test]
fn settings_change_in_one_step() {
    let _alone = alone();
    let settings = Numbered::new();
    settings.apply(0);
    let (mode, policies) = (declared("retry", "first"), stack("together").unwrap());
    let scoped = Registry::new();
    let looks: [Look<'_>; 12] = [
        ("the first retry", &|| Seen::Option(FIRST.config().get_max().unwrap().into())),
        ("the second retry", &|| Seen::Option(SECOND.config().get_max().unwrap().into())),
        ("the timeout", &|| millis(LIMIT.limit())),
        ("the bulkhead", &|| Seen::Option(PLACES.config().get_max().into())),
        ("the breaker", &|| millis(BREAKER.config().get_delay())),
        ("the mode", &|| Seen::Even(mode.mode() == Mode::On)),
        ("the stack", &|| policies_of(&policies)),
        ("the rate limiter", &|| millis(RATE.config().get_wait())),
        ("the budget", &|| Seen::Option(BUDGET.config().get_min_concurrency().into())),
        ("the hedge", &|| hedged(&HEDGE)),
        ("a scoped bulkhead", &|| {
            scoped.scope_blocking(|| Seen::Option(PLACES.config().get_max().into()))
        }),
        ("a scoped breaker", &|| scoped.scope_blocking(|| millis(BREAKER.config().get_delay()))),
    ];
    let apply = |number| {
        if number % 16 == 0 {
            Numbered::refused();
        }
        settings.apply(number);
    };
    change(apply, &looks);
    drop(policies);
    failsafe::settings::reset();
}

#[test]
fn settings_are_taken_back_in_one_step() {
    let _alone = alone();
    let looks: [Look<'_>; 4] = [
        ("the first retry", &|| Seen::Option(FIRST.config().get_max().unwrap().into())),
        ("the bulkhead", &|| Seen::Option(PLACES.config().get_max().into())),
        ("the timeout", &|| millis(LIMIT.limit())),
        ("the breaker", &|| millis(BREAKER.config().get_delay())),
    ];
    let apply = |number| {
        if number % 4 == 0 {
            failsafe::settings::reset();
        } else {
            with_options(Settings::new(), number).apply().unwrap();
        }
    };
    change(apply, &looks);
    failsafe::settings::reset();
}

static WAITED_FOR: AdaptiveLimiter =
    policy!(adaptive_limiter(limits = "1..10", initial = 1, wait = "1h", name = "waited for"));
static LIMITED: AdaptiveLimiter =
    policy!(adaptive_limiter(limits = "1..10", initial = 1, name = "woken"));
static THROTTLED: AdaptiveThrottler =
    policy!(adaptive_throttler(failure_rate = "10%", max_rejection = 0.9, name = "woken"));
static ROOM: Bulkhead = policy!(bulkhead(1, name = "woken"));
static OPENS: CircuitBreaker = policy!(circuit_breaker(failures = 5, name = "woken"));
static WINDOW: CircuitBreaker = policy!(circuit_breaker(failures = "2/3", name = "woken too"));
static BURSTS: RateLimiter = policy!(rate_limiter(bursty = "1/1h", name = "woken"));

/// What decisions come to while a change is made known: each is one of the settings that make it.
fn decisions() -> Vec<(&'static str, bool)> {
    OPENS.record_failure();
    WINDOW.record_failure();
    (0..3).for_each(|_| WINDOW.record_success());
    WINDOW.record_failure();
    let places: Vec<_> = (0..4).map_while(|_| ROOM.try_acquire()).collect();
    let permits: Vec<_> = (0..6).map_while(|_| LIMITED.try_acquire()).collect();
    vec![
        ("the limit", LIMITED.limit() == 5),
        ("permits", permits.len() == 5),
        ("the share of refusals", (THROTTLED.rejection_rate() - 0.3).abs() < 1e-9),
        ("places", places.len() == 3),
        ("outcomes", !OPENS.is_closed()),
        ("outcomes in a window", !WINDOW.is_closed()),
        ("a burst", BURSTS.try_acquire(3) && !BURSTS.try_acquire(1)),
        ("the mode", declared("retry", "first").mode() == Mode::Off),
    ]
}

/// Decides when it is woken.
#[derive(Default)]
struct Decides(Mutex<Vec<(&'static str, bool)>>);

impl Wake for Decides {
    fn wake(self: Arc<Self>) {
        self.0.lock().unwrap().extend(decisions());
    }
}

/// Instances are told one after the other what they have to do at once. Who is woken by the first one
/// decides with the others by what is in force, although nothing has been told to them yet.
#[tokio::test]
async fn who_is_woken_by_a_change_meets_all_of_it() {
    let _alone = alone();
    (0..50).for_each(|_| THROTTLED.record_failure());
    // They are there before it changes.
    let before = [LIMITED.limit(), ROOM.config().get_max(), u32::from(BURSTS.try_acquire(2))];
    assert_eq!(before, [1, 1, 0]);
    assert!(OPENS.is_closed() && WINDOW.is_closed());
    let _taken = WAITED_FOR.try_acquire().unwrap();
    let woken = Arc::new(Decides::default());
    let mut waits = pin!(WAITED_FOR.acquire());
    let waker = Waker::from(Arc::clone(&woken));
    assert!(matches!(waits.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Pending));
    let text = "[adaptive_limiter]\nlimits = \"5..10\"\ninitial = 5\n[adaptive_throttler]\nmax_rejection = 0.3\n\
                [bulkhead]\nmax = 3\n[circuit_breaker.woken]\nfailures = 1\n\
                [circuit_breaker.\"woken too\"]\nfailures = \"2/5\"\n\
                [rate_limiter.woken]\nbursty = \"3/1h\"\n[retry.first]\nenabled = false";
    from_toml(text).unwrap_or_else(|error| panic!("{error}")).apply().unwrap();
    let decisions = woken.0.lock().unwrap().clone();
    assert_eq!(decisions.len(), 8, "it was woken");
    let by_old: Vec<_> = decisions.iter().filter(|(_, is_new)| !is_new).collect();
    assert!(by_old.is_empty(), "by the old settings: {by_old:?}");
    failsafe::settings::reset();
}
