//! Who makes a call, and which calls are refused first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use failsafe::priority::{LevelTracker, UsageTracker};
use failsafe::testing::{VirtualTime, with_chance};
use failsafe::{
    AdaptiveThrottler, Caller, Detail, Kind, Level, Prioritizer, Priority, Registry, Rejected,
    adaptive_throttler, policy, registry,
};

use crate::support::*;

const THROTTLED: Res = Err(Error::Rejected(Kind::Throttled));

/// Who is said to call, as `priority level user`.
fn who() -> String {
    let caller = Caller::current();
    let priority = caller.get_priority().map_or("-", Priority::name);
    let level = caller.get_level().map_or("-".to_owned(), |level| level.to_string());
    format!("{priority} {level} {}", caller.get_user().unwrap_or("-"))
}

// A scope holds across awaits and threads; what it does not say, the scope around it does; a priority is stronger than
// the level of another one.
#[tokio::test(start_paused = true)]
async fn scopes_nest() {
    assert_eq!(who(), "- - -");
    let outer = Caller::new().priority(Priority::Low).level(150).user("ann");
    outer
        .scope(async {
            tokio::task::yield_now().await;
            assert_eq!(who(), "low 150 ann");
            let inner = Caller::new().user(7).scope(async {
                pass(10).await;
                who()
            });
            let raised = Priority::High.scope(async {
                pass(5).await;
                who()
            });
            let (inner, raised) = tokio::join!(inner, raised);
            assert_eq!((inner.as_str(), raised.as_str()), ("low 150 7", "high - ann"));
            assert_eq!(Caller::new().level(9999).scope_blocking(who), "low 499 ann");
            assert_eq!(tokio::spawn(async { who() }).await.unwrap(), "- - -");
            let handed = Caller::current().scope(async { who() });
            assert_eq!(tokio::spawn(handed).await.unwrap(), "low 150 ann");
            let spawned = failsafe::with(()).spawn(|| async { Ok::<_, Rejected>(who()) });
            assert_eq!(spawned.await.unwrap(), "low 150 ann");
        })
        .await;
    assert_eq!(who(), "- - -");
}

// A panic or a dropped future ends the scope.
#[tokio::test(start_paused = true)]
async fn scopes_end() {
    let caught = catch_unwind(AssertUnwindSafe(|| {
        Priority::High.scope_blocking(|| panic!("inside"));
    }));
    assert!(caught.is_err());
    assert_eq!(who(), "- - -");
    let mut call = Box::pin(Priority::High.scope(async {
        tokio::task::yield_now().await;
        who()
    }));
    assert!(poll_once(&mut call).await.is_none());
    assert_eq!(who(), "- - -");
    drop(call);
}

// A level is one of the priority by chance, another one each time, unless it is said; what is outside is the nearest.
#[test]
fn levels_are_drawn() {
    let (levels, left) = with_chance([0.0, 0.5, 0.999_999], || {
        let high = Caller::new().priority(Priority::High);
        [high.pick_level(), high.pick_level(), high.pick_level(), high.level(3).pick_level()]
            .map(|level| level.unwrap().get())
    });
    assert_eq!((levels, left), ([300, 350, 399, 3], 0));
    assert_eq!(Caller::new().user("ann").pick_level(), None);
    assert_eq!([Level::from(-5_i64), Level::from(usize::MAX)], [Level::MIN, Level::MAX]);
    for priority in Priority::ALL {
        assert_eq!(priority.lowest().priority(), priority);
        assert_eq!(priority.highest().priority(), priority);
    }
}

// GO Usage: an LRU of two users; who used nothing for two windows is forgotten.
#[test]
fn users_are_bounded_and_forgotten() {
    let time = VirtualTime::new();
    time.blocking(|| {
        let usage = UsageTracker::new(Duration::from_secs(30), 2);
        usage.record("ann", 1);
        usage.record("bob", 2);
        usage.record("ann", 1);
        usage.record("cid", 4);
        assert_eq!(
            [usage.usage("ann"), usage.usage("bob"), usage.usage("cid")],
            [Some(2), None, Some(4)]
        );
        time.advance(Duration::from_secs(60));
        usage.calibrate();
        assert_eq!((usage.usage("ann"), usage.users_known()), (Some(0), 2), "not yet");
        time.advance(Duration::from_secs(1));
        usage.calibrate();
        assert_eq!(usage.users_known(), 0);
        (0..10_000).for_each(|user| usage.record(&user.to_string(), 1));
        assert_eq!(usage.users_known(), 2);
    });
}

// Threads that record at the same time leave no level behind that is not among the last.
#[test]
fn levels_of_threads_are_counted() {
    let levels = LevelTracker::new(100);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let levels = &levels;
            scope.spawn(move || {
                for call in 0..5_000_u16 {
                    levels.record(Level::new((call * 7 + thread * 125) % 500));
                    let _ = levels.level(0.5);
                }
            });
        }
    });
    (0..100).for_each(|_| levels.record(Level::new(7)));
    let ends = [0.0, 0.01, 0.5, 1.0].map(|share| levels.level(share).get());
    assert_eq!(ends, [7; 4]);
}

/// A throttler that a prioritizer watches, and that is in trouble: half of 100 calls failed.
fn troubled(prioritizer: &Prioritizer, max_rejection: f64) -> AdaptiveThrottler {
    let throttler =
        AdaptiveThrottler::builder().max_rejection(max_rejection).prioritizer(prioritizer).build();
    (0..50).for_each(|_| {
        throttler.record_failure();
        throttler.record_success();
    });
    throttler
}

/// Calls of these levels ask.
fn ask(throttler: &AdaptiveThrottler, levels: std::ops::Range<u16>) {
    for level in levels {
        let _ = admits(throttler, level);
    }
}

fn admits(throttler: &AdaptiveThrottler, level: u16) -> bool {
    throttler.acquire_for(Caller::new().level(level)).is_ok()
}

// Without trouble everybody goes through; in trouble the share of levels that is too many is refused, and the others are
// not, whatever chance says.
#[test]
fn low_levels_are_refused() {
    let prioritizer = Prioritizer::builder().every(Duration::MAX).build();
    let throttler = troubled(&prioritizer, 1.0);
    for level in 0..500 {
        assert!(admits(&throttler, level), "there is no threshold yet");
    }
    prioritizer.calibrate();
    // 100 - 50 / 0.9 of 101.
    assert!((prioritizer.rejection_rate() - 0.440_044).abs() < 1e-6);
    assert!((throttler.rejection_rate() - prioritizer.rejection_rate()).abs() < 1e-9);
    let threshold = prioritizer.rejection_threshold().get();
    assert_eq!(threshold, 220);
    let (outcomes, left) = with_chance([], || {
        [admits(&throttler, threshold), admits(&throttler, threshold - 1), admits(&throttler, 499)]
    });
    assert_eq!((outcomes, left), ([true, false, true], 0));
    assert!(
        !Caller::new().scope_blocking(|| throttler.try_acquire().is_some()),
        "nobody in particular"
    );
    assert!(Priority::VeryHigh.scope_blocking(|| throttler.try_acquire().is_some()));
    prioritizer.reset();
    assert!(admits(&throttler, 0));
}

// Below the threshold, at most `max_rejection` of the calls are refused.
#[test]
fn some_low_levels_find_out() {
    let prioritizer = Prioritizer::builder().every(Duration::MAX).build();
    let throttler = troubled(&prioritizer, 0.9);
    ask(&throttler, 0..500);
    prioritizer.calibrate();
    let (outcomes, left) =
        with_chance([0.95, 0.9], || [admits(&throttler, 0), admits(&throttler, 0)]);
    assert_eq!((outcomes, left), ([true, false], 0));
}

// What is refused stays the share that is too many, however often it is calibrated: calls that are refused count among
// the levels too.
#[test]
fn calibrating_often_refuses_no_more() {
    let prioritizer = Prioritizer::builder().window(500).every(Duration::MAX).build();
    let throttler = troubled(&prioritizer, 1.0);
    for _ in 0..20 {
        let refused = (0..500).filter(|level| !admits(&throttler, *level)).count();
        assert!(refused <= 220, "{refused}");
        prioritizer.calibrate();
    }
    assert_eq!(prioritizer.rejection_threshold(), Level::new(220));
}

static SHEDDING: Prioritizer = policy!(prioritizer(
    name = "shedding",
    window = 100,
    every = "1s",
    on_threshold_changed =
        |event| CHANGES.add(format!("{} {} -> {}", event.name(), event.from(), event.to())),
));

static CHANGES: Notes = Notes::new();

#[adaptive_throttler(name = "priority: shop", prioritizer = SHEDDING, max_rejection = 1.0)]
async fn shop(body: &Body) -> Res {
    body.run().await
}

#[adaptive_throttler(prioritizer = SHEDDING, priority = priority, level = level, max_rejection = 1.0)]
fn search(priority: Priority, level: u16, body: &Body) -> Res {
    body.block()
}

// Functions share a prioritizer, which is calibrated with the calls that ask, and tells when the threshold moves; what an
// attribute says of the caller is stronger than the scope around it.
#[tokio::test(start_paused = true)]
async fn functions_share_a_prioritizer() {
    alone(async {
        let mut heard = Heard::new();
        let body = Body::new("F");
        for level in 0..100 {
            let caller = Caller::new().level(level * 5);
            assert_eq!(caller.scope(shop(&body)).await, DOWN, "it was calibrated just now");
        }
        assert_eq!(SHEDDING.rejection_threshold(), Level::MIN);
        tokio::time::advance(ms(1000)).await;
        assert_eq!(Caller::new().level(10).scope(shop(&body)).await, THROTTLED);
        // All of 100 calls failed: 100/101 of the levels are too many.
        assert_eq!(SHEDDING.rejection_threshold(), Level::new(495));
        assert_eq!(CHANGES.take(), ["shedding 0 -> 495"]);
        assert_eq!(heard.counts(["prioritizer threshold_changed"]), [1]);
        // GO Throttler: a low priority below the threshold, at most all refused: 1/0.
        assert_eq!(Priority::Low.scope(shop(&body)).await, THROTTLED);
        assert_eq!((heard.done(), body.runs()), (vec![(1, 0, false)], 100));
        let well = Body::new("S");
        let outcomes = Priority::VeryHigh.scope_blocking(|| {
            [search(Priority::Low, 494, &well), search(Priority::Low, 495, &well)]
        });
        assert_eq!(outcomes, [THROTTLED, Ok(1)], "the other function sheds the same calls");
        assert_eq!(SHEDDING.policies(), 2);
        let found = registry().prioritizer("shedding").unwrap();
        assert_eq!(found.rejection_threshold(), Level::new(495));
        let snapshot = registry().snapshot();
        let state = snapshot.policies.iter().find(|one| one.policy == "prioritizer").unwrap();
        assert_eq!(state.details.get("threshold"), Some(&Detail::Count(495)));
        assert_eq!(state.details.get("policies"), Some(&Detail::Count(2)));
        registry().reset();
        assert_eq!(Caller::new().level(10).scope(shop(&body)).await, DOWN);
    })
    .await;
    assert_eq!(SHEDDING.policies(), 0, "the scope had one of its own");
}

// A policy that is gone is not watched.
#[test]
fn policies_are_not_kept_alive() {
    let prioritizer = Prioritizer::builder().every(Duration::MAX).build();
    let throttler = troubled(&prioritizer, 1.0);
    let well = AdaptiveThrottler::builder().prioritizer(&prioritizer).build();
    assert_eq!(prioritizer.policies(), 2);
    ask(&well, 0..500);
    prioritizer.calibrate();
    assert!(prioritizer.rejection_rate() > 0.0);
    drop(throttler);
    prioritizer.calibrate();
    assert_eq!((prioritizer.policies(), prioritizer.rejection_rate()), (1, 0.0));
    assert!(admits(&well, 0));
}

#[adaptive_throttler(key = id, max_keys = 10, prioritizer = SHEDDING, user = id)]
async fn keyed(id: u32) -> Res {
    Ok(id)
}

// An evicted key is not watched.
#[tokio::test(start_paused = true)]
async fn evicted_keys_are_not_watched() {
    Registry::new()
        .scope(async {
            for id in 0..100 {
                assert_eq!(keyed(id).await, Ok(id));
            }
            assert!((1..=10).contains(&SHEDDING.policies()), "{}", SHEDDING.policies());
        })
        .await;
}

// GO Usage: two users who used 100 and 200 at Medium have the levels 299 and 249; a threshold of 275 separates them. The
// time of calls is their usage.
#[test]
fn heavy_users_are_refused_first() {
    let time = VirtualTime::new();
    time.blocking(|| {
        let prioritizer =
            Prioritizer::builder().every(Duration::MAX).usage_window("1m").max_users(10).build();
        let throttler = AdaptiveThrottler::builder()
            .max_rejection(1.0)
            .prioritizer(&prioritizer)
            .priority(Priority::Medium)
            .build();
        let call = |user: &str, takes: u64| {
            let permit = throttler.acquire_for(Caller::new().priority(Priority::Medium).user(user));
            permit.map(|permit| {
                time.advance(Duration::from_nanos(takes));
                permit.failure();
            })
        };
        call("light", 100).unwrap();
        call("heavy", 200).unwrap();
        assert_eq!(
            (prioritizer.usage("light"), prioritizer.usage("heavy")),
            (Some(100), Some(200))
        );
        prioritizer.record_usage("light", 50);
        prioritizer.calibrate();
        // Of two failures 2/3 are too many: the threshold is the level that both had, as they were new.
        assert_eq!(prioritizer.rejection_threshold(), Level::new(299));
        assert!(call("light", 1).is_ok());
        assert_eq!(call("heavy", 1).unwrap_err().kind(), Kind::Throttled);
        assert!(call("new", 1).is_ok());
    });
}

// GO Priority: calibrations can be scheduled, until the guard is dropped.
#[tokio::test(start_paused = true)]
async fn calibrations_are_scheduled() {
    let prioritizer = Prioritizer::builder().every(Duration::MAX).build();
    let throttler = troubled(&prioritizer, 1.0);
    ask(&throttler, 100..200);
    let calibrations = prioritizer.schedule(ms(10));
    pass(15).await;
    assert!(prioritizer.rejection_rate() > 0.0);
    assert_eq!(prioritizer.rejection_threshold().priority(), Priority::Low);
    drop(calibrations);
    let before = prioritizer.rejection_threshold();
    throttler.reset();
    pass(100).await;
    assert_eq!(prioritizer.rejection_threshold(), before);
    prioritizer.calibrate();
    assert_eq!(prioritizer.rejection_threshold(), Level::MIN);
}

// What cannot be meant is refused when it is built; a listener that panics changes nothing.
#[test]
fn a_prioritizer_judges() {
    let wrong = Prioritizer::builder().window(0).every("0s").usage_window("1ns").max_users(0);
    assert_eq!(wrong.try_build().unwrap_err().faults().len(), 4);
    let calls = Arc::new(Notes::new());
    let heard = Arc::clone(&calls);
    let prioritizer = Prioritizer::builder()
        .every(Duration::MAX)
        .on_threshold_changed(|_| panic!("a listener"))
        .on_threshold_changed(move |event| heard.add(format!("{:.2}", event.rejection_rate())))
        .build();
    let throttler = troubled(&prioritizer, 1.0);
    ask(&throttler, 0..500);
    prioritizer.calibrate();
    prioritizer.calibrate();
    assert_eq!(calls.take(), ["0.44"]);
}
