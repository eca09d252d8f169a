//! Who makes the calls of a policy that a prioritizer tells whom to refuse: what a file says of them.

use super::declared::{Alone, Error, wrong};
use super::live_modes::{alone, apply};
use failsafe::settings::Settings;
use failsafe::{
    AdaptiveThrottler, Caller, Level, Prioritizer, Priority, Registry, adaptive_limiter,
    adaptive_throttler, policy, registry,
};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

type Res = Result<u32, Error>;

static CALLERS: Prioritizer = policy!(prioritizer(name = "callers", window = 4, every = "1h"));

/// The levels of refused calls.
static LEVELS: Mutex<Vec<Level>> = Mutex::new(Vec::new());

fn note(event: &adaptive_throttler::ThrottledEvent<'_>) {
    LEVELS.lock().unwrap_or_else(PoisonError::into_inner).extend(event.level());
}

#[adaptive_throttler(name = "callers", prioritizer = CALLERS, max_rejection = 1.0, on_throttled = note)]
fn silent() -> Res {
    Ok(0)
}

#[adaptive_throttler(name = "callers", prioritizer = CALLERS, level = 40, on_throttled = note)]
fn literal() -> Res {
    Ok(0)
}

#[adaptive_throttler(name = "callers", prioritizer = CALLERS, level = level, on_throttled = note)]
fn leveled(level: Option<u16>) -> Res {
    Ok(0)
}

#[adaptive_throttler(name = "callers", prioritizer = CALLERS, priority = "low", on_throttled = note)]
fn low() -> Res {
    Ok(0)
}

#[adaptive_throttler(name = "callers", prioritizer = CALLERS, priority = priority, on_throttled = note)]
fn ranked(priority: Option<Priority>) -> Res {
    Ok(0)
}

#[adaptive_throttler(name = "callers", prioritizer = CALLERS, priority = priority, level = 30, on_throttled = note)]
fn beside(priority: Priority) -> Res {
    Ok(0)
}

static USED: AdaptiveThrottler =
    policy!(adaptive_throttler(name = "callers used", max_rejection = 1.0));

#[adaptive_throttler(USED, prioritizer = CALLERS, on_throttled = note)]
fn of_an_instance() -> Res {
    Ok(0)
}

/// Everything fails, so that every call below the highest level is refused.
fn in_trouble(test: impl FnOnce()) {
    Registry::new().scope_blocking(|| {
        for name in ["callers", "callers used"] {
            let _ = (silent(), of_an_instance());
            let throttler = registry().adaptive_throttler(name).unwrap();
            (0..4).for_each(|_| drop(throttler.acquire_for(Caller::new().level(Level::MAX))));
            (0..100).for_each(|_| throttler.record_failure());
        }
        CALLERS.calibrate();
        assert_eq!(CALLERS.rejection_threshold(), Level::MAX);
        test();
    });
}

/// The level that a call has.
fn level(call: impl FnOnce() -> Res) -> u16 {
    let levels = || std::mem::take(&mut *LEVELS.lock().unwrap_or_else(PoisonError::into_inner));
    levels();
    assert!(call().is_err());
    let levels = levels();
    assert_eq!(levels.len(), 1);
    levels[0].get()
}

fn priority(call: impl FnOnce() -> Res) -> Priority {
    Level::new(level(call)).priority()
}

/// It holds for the calls that do not say it themselves, as a literal of the attribute does.
#[test]
fn a_level_of_a_file_is_that_of_calls_that_say_none() {
    let _alone = Alone::blocking();
    in_trouble(|| {
        let at_70 = |call: fn() -> Res| level(|| Caller::new().level(70).scope_blocking(call));
        assert_eq!((at_70(silent), at_70(literal)), (70, 40));
        apply("[adaptive_throttler.callers]\nlevel = 3");
        assert_eq!((level(silent), level(literal), level(|| leveled(None))), (3, 3, 3));
        assert_eq!((at_70(silent), at_70(literal)), (3, 3), "it is stronger than the scope");
        assert_eq!(level(|| leveled(Some(200))), 200, "code is stronger");
        assert_eq!(level(low), 3);
        assert_eq!(priority(|| ranked(Some(Priority::High))), Priority::High);
        assert_eq!(level(|| ranked(None)), 3);
        assert_eq!(level(|| beside(Priority::High)), 3, "it stands for the literal");
        apply("");
        assert_eq!((level(literal), level(|| beside(Priority::High))), (40, 30));
    });
}

#[test]
fn a_priority_of_a_file_is_that_of_calls_that_say_none() {
    let _alone = Alone::blocking();
    in_trouble(|| {
        assert_eq!((priority(low), level(silent)), (Priority::Low, 0));
        apply("[adaptive_throttler.callers]\npriority = \"high\"");
        assert_eq!((priority(silent), priority(low)), (Priority::High, Priority::High));
        assert_eq!(priority(literal), Priority::High, "the level belonged to another priority");
        assert_eq!(priority(|| ranked(Some(Priority::Medium))), Priority::Medium);
        assert_eq!(priority(|| ranked(None)), Priority::High);
        assert_eq!(level(|| leveled(Some(200))), 200);
        apply("[adaptive_throttler.callers]\npriority = \"high\"\nlevel = 310");
        assert_eq!(level(silent), 310);
    });
}

/// The functions that use an instance say which prioritizer it is.
#[test]
fn a_level_is_also_for_those_who_use_an_instance() {
    let _alone = Alone::blocking();
    in_trouble(|| {
        apply("[adaptive_throttler.\"callers used\"]\nlevel = 120");
        assert_eq!(level(of_an_instance), 120);
        let by_hand = USED.acquire().map(drop).unwrap_err();
        assert_eq!(by_hand.kind(), failsafe::Kind::Throttled);
        let calls = Settings::new()
            .variables([("FAILSAFE__ADAPTIVE_THROTTLER__CALLERS_USED__LEVEL", "130")])
            .unwrap();
        calls.apply().unwrap();
        assert_eq!(level(of_an_instance), 130);
    });
}

static QUEUE: Prioritizer = policy!(prioritizer(name = "callers queue", window = 4, every = "1h"));

#[adaptive_limiter(name = "callers", limits = "1..1", queue = "1..3", prioritizer = QUEUE, level = 9)]
async fn limited() -> Res {
    tokio::time::sleep(Duration::from_secs(100)).await;
    Ok(0)
}

/// All that wait have the level of the file, so that is the threshold.
#[tokio::test(start_paused = true)]
async fn a_limiter_goes_by_them_too() {
    let _alone = alone().await;
    for (text, level) in [("", 9), ("[adaptive_limiter]\nlevel = 123", 123)] {
        apply(text);
        registry().reset();
        let calls: Vec<_> = (0..4).map(|_| tokio::spawn(limited())).collect();
        tokio::time::sleep(Duration::from_secs(1)).await;
        QUEUE.calibrate();
        assert_eq!(QUEUE.rejection_threshold(), Level::new(level));
        let limiter = registry().adaptive_limiter("callers").unwrap();
        assert!(!limiter.can_acquire(), "the queue is full");
        calls.iter().for_each(tokio::task::JoinHandle::abort);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// As the attribute says it: `ui-tests/cases/adaptive_throttler/prioritizer_options_in_place.rs`.
#[test]
fn what_is_no_level_is_told() {
    let told = |option: &str| wrong(&format!("[adaptive_throttler.callers]\n{option}"));
    assert_eq!(
        told("level = 700"),
        ["settings.toml:2:9: `700` is not a level: write 0, the least important, to 499"]
    );
    assert_eq!(
        told("level = \"high\""),
        ["settings.toml:2:9: \"high\" is not a level: write 0, the least important, to 499, or a \
             `priority`"]
    );
    for value in ["\"urgent\"", "3"] {
        let shown = if value == "3" { "`3`" } else { value };
        assert_eq!(
            told(&format!("priority = {value}")),
            [format!(
                "settings.toml:2:12: {shown} is not a priority: write \"very_low\", \"low\", \"medium\", \
                 \"high\" or \"very_high\"; a number is a `level`"
            )]
        );
    }
    assert_eq!(
        wrong("[adaptive_throttler.live]\nlevel = 3"),
        [
            "settings.toml:2:1: `level` tells a prioritizer how important the call is, and there is none: \
             add `prioritizer = ..` or remove it"
        ]
    );
}

#[test]
fn they_are_explained() {
    let _alone = Alone::blocking();
    let shown = || {
        let policies = failsafe::explain().policies;
        let one = policies
            .iter()
            .find(|one| one.policy == "adaptive_limiter" && one.name == "callers")
            .unwrap();
        let options = one.options.iter().filter(|one| ["priority", "level"].contains(&one.option));
        let text = |one: &failsafe::explain::Effective| {
            format!("{} {:?} {}", one.option, one.value, one.set_by.name())
        };
        options.map(text).collect::<Vec<_>>()
    };
    assert_eq!(shown(), ["priority None default", "level Some(\"9\") attribute"]);
    apply("[adaptive_limiter.callers]\nlevel = 3\npriority = \"low\"");
    assert_eq!(shown(), ["priority Some(\"\\\"low\\\"\") policy", "level Some(\"3\") policy"]);
}

/// Code is shown beside what holds where it says nothing.
#[adaptive_throttler(name = "callers code", prioritizer = CALLERS, max_rejection = 0.5, level = level)]
fn by_code(level: Option<u16>) -> Res {
    Ok(0)
}

#[test]
fn code_is_explained_too() {
    let _alone = Alone::blocking();
    let _ = by_code(None);
    apply("[adaptive_throttler.\"callers code\"]\nlevel = 3");
    let policies = failsafe::explain().policies;
    let one = policies.iter().find(|one| one.name == "callers code").unwrap();
    let options = one.options.iter().filter(|one| one.option == "level");
    let values: Vec<_> = options.map(|one| one.value.clone().unwrap()).collect();
    assert_eq!(values, ["3", "level"]);
}
