//! The bounds of keys and the permits of calls, which settings change while a program runs.

use super::declared::{Alone, Error, wrong};
use failsafe::settings::{Settings, from_toml};
use failsafe::testing::VirtualTime;
use failsafe::{RateLimiter, Registry, registry};
use failsafe::{
    adaptive_limiter, adaptive_throttler, bulkhead, circuit_breaker, fail_fast, rate_limiter,
};
use std::time::Duration;

type Res = Result<u32, Error>;

fn apply(text: &str) {
    from_toml(text).unwrap_or_else(|error| panic!("{error}")).apply().unwrap();
}

macro_rules! keyed {
    ($($policy:ident($($option:tt)*);)+) => {
        mod each {
            use super::*;
            $(
                #[$policy(name = "live bounded keys", key = key, $($option)*)]
                pub(super) fn $policy(key: u32) -> Res {
                    Ok(key)
                }
            )+
        }

        const ALL: &[(&str, fn(u32) -> Res)] = &[$((stringify!($policy), each::$policy)),+];
    };
}

keyed! {
    circuit_breaker(failures = 5);
    rate_limiter(smooth = "1000/s");
    bulkhead(5);
    fail_fast(failures = 5);
    adaptive_throttler(max_rejection = 0.5);
    adaptive_limiter(limits = "1..100");
}

/// The keys that are kept, in order.
fn kept(policy: &str) -> Vec<u32> {
    let all = registry().snapshot().policies;
    let of =
        all.iter().filter(|one| one.policy == policy && one.name.starts_with("live bounded keys["));
    let number = |name: &str| name["live bounded keys[".len()..name.len() - 1].parse().unwrap();
    let mut kept: Vec<_> = of.map(|one| number(&one.name)).collect();
    kept.sort_unstable();
    kept
}

#[test]
fn every_policy_with_keys_is_here() {
    let with_keys = failsafe::config::tables().filter(|table| table.option("max_keys").is_some());
    let with_keys: Vec<_> = with_keys.map(|table| table.name).collect();
    assert_eq!(with_keys.len(), ALL.len());
    assert!(with_keys.iter().all(|name| ALL.iter().any(|(policy, _)| policy == name)));
}

#[test]
fn a_lower_number_of_keys_holds_from_the_next_new_one_on() {
    let _alone = Alone::blocking();
    for (policy, call) in ALL {
        Registry::new().scope_blocking(|| {
            let time = VirtualTime::new();
            let use_keys = |keys: std::ops::Range<u32>| {
                for key in keys {
                    time.advance(Duration::from_millis(10));
                    assert_eq!(time.blocking(|| call(key)), Ok(key), "{policy}");
                }
            };
            use_keys(0..8);
            apply(&format!("[{policy}.\"live bounded keys\"]\nmax_keys = 3"));
            // One that is there needs no room.
            use_keys(0..1);
            assert_eq!(kept(policy).len(), 8, "{policy}");
            use_keys(8..9);
            assert_eq!(kept(policy), [0, 7, 8], "{policy}");
            use_keys(9..12);
            assert_eq!(kept(policy), [9, 10, 11], "{policy}");
            failsafe::settings::reset();
            use_keys(12..20);
            assert_eq!(kept(policy).len(), 11, "{policy}: as it is written");
        });
    }
}

#[test]
fn the_time_of_unused_keys_holds_at_once() {
    let _alone = Alone::blocking();
    for (policy, call) in ALL {
        Registry::new().scope_blocking(|| {
            let time = VirtualTime::new();
            let use_key = |key: u32| assert_eq!(time.blocking(|| call(key)), Ok(key), "{policy}");
            apply(&format!("[{policy}.\"live bounded keys\"]\nmax_keys = 4"));
            (0..4).for_each(use_key);
            time.advance(Duration::from_secs(10));
            use_key(3);
            apply(&format!("[{policy}.\"live bounded k*\"]\nmax_keys = 4\nkey_idle = \"10s\""));
            use_key(4);
            assert_eq!(kept(policy), [3, 4], "{policy}");
        });
    }
}

#[circuit_breaker(name = "live bounds", key = key, failures = 5, max_keys = 2)]
fn bounded(key: u32) -> Res {
    Ok(key)
}

#[circuit_breaker(name = "live bounds", key = key)]
fn refers(key: u32) -> Res {
    Ok(key)
}

/// What one attribute says holds for all that refer to it, and what the settings say is stronger.
#[test]
fn the_bounds_are_those_of_the_name() {
    let _alone = Alone::blocking();
    let count = || {
        let all = registry().snapshot().policies;
        all.iter().filter(|one| one.name.starts_with("live bounds[")).count()
    };
    Registry::new().scope_blocking(|| {
        (0..5).for_each(|key| assert_eq!(refers(key), Ok(key)));
        assert_eq!(count(), 2);
        apply("[circuit_breaker.\"live bounds\"]\nmax_keys = 4");
        (0..9).for_each(|key| assert_eq!((refers(key), bounded(key)), (Ok(key), Ok(key))));
        assert_eq!(count(), 4);
    });
}

/// What needs a key says so where there is none; what is said of all leaves those alone.
#[test]
fn without_a_key() {
    let told = wrong("[circuit_breaker.svcB]\nmax_keys = 5\nkey_idle = \"1m\"");
    assert_eq!(
        told,
        [
            "settings.toml:2:1: `max_keys` bounds the instances of a `key`, and there is none: add `key` \
          or remove it"
        ]
    );
    let settings = from_toml("[circuit_breaker]\nmax_keys = 5\nkey_idle = \"1m\"");
    assert!(settings.is_ok(), "{settings:?}");
    let variables = [("FAILSAFE__BULKHEAD__POOL__KEY_IDLE", "1m")];
    let told = Settings::new().variables(variables).unwrap_err().to_string();
    assert_eq!(
        told,
        "FAILSAFE__BULKHEAD__POOL__KEY_IDLE: `key_idle` evicts instances of a `key`, and there is none: \
         add `key` or remove it"
    );
}

#[rate_limiter(name = "live permits", bursty = "10/s", permits = weight)]
fn weighed(weight: u32) -> Res {
    Ok(weight)
}

#[rate_limiter(name = "live permits")]
fn unweighed() -> Res {
    Ok(0)
}

static PERMITS: RateLimiter =
    failsafe::policy!(rate_limiter(name = "live instance", bursty = "10/s"));

#[rate_limiter(PERMITS, permits = 2)]
fn of_an_instance() -> Res {
    Ok(0)
}

/// How many permits a call takes.
fn taken(name: &str, call: impl FnOnce() -> Res) -> i64 {
    let limiter = registry().rate_limiter(name).unwrap();
    limiter.reset();
    let before = limiter.available();
    call().unwrap();
    before - limiter.available()
}

#[test]
fn settings_say_the_permits_of_every_call() {
    let _alone = Alone::blocking();
    let _time = VirtualTime::new();
    let all = || {
        let name = "live permits";
        let weighed = taken(name, || weighed(3));
        [weighed, taken(name, unweighed), taken("live instance", of_an_instance)]
    };
    assert_eq!(all(), [3, 1, 2]);
    apply(
        "[rate_limiter.\"live permits\"]\npermits = 4\n[rate_limiter.\"live instance\"]\npermits = 5",
    );
    assert_eq!(all(), [4, 4, 5]);
    // What code asks for by itself is what it gets.
    assert_eq!(taken("live instance", || Ok(u32::from(PERMITS.try_acquire(3)))), 3);
    apply("[rate_limiter.\"live permits\"]\npermits = 0");
    assert_eq!(all(), [0, 0, 2]);
    failsafe::settings::reset();
    assert_eq!(all(), [3, 1, 2]);
}

#[test]
fn permits_that_never_come() {
    assert_eq!(
        wrong("[rate_limiter.\"live permits\"]\npermits = 11"),
        [
            "settings.toml:2:1: a call that needs 11 permits never gets them: 10 permits come every 1s, and \
          it may not wait; write `wait = \"1s\"` or longer, or fewer permits"
        ]
    );
    assert_eq!(
        wrong("[rate_limiter.\"live permits\"]\npermits = -1"),
        ["settings.toml:2:11: `-1` is negative: write 0 or more"]
    );
}

#[rate_limiter(name = "live literal", bursty = "10/s", permits = 4)]
fn literal() -> Res {
    Ok(0)
}

/// Not even where the attribute says how many there are, and settings how they come.
#[test]
fn permits_of_an_attribute_that_never_come() {
    let _alone = Alone::blocking();
    let at = failsafe::declarations().find(|one| one.name() == "live literal").unwrap().line();
    let says = format!(
        "a call that needs 4 permits never gets them: 2 permits come every 1s, and it may not wait; write \
         `wait = \"1s\"` or longer, or fewer permits; the attribute at {}:{at} says `permits = 4`",
        file!()
    );
    let slower = "[rate_limiter.\"live literal\"]\nbursty = \"2/s\"";
    assert_eq!(wrong(slower), [format!("settings.toml:2:1: {says}")]);
    let group = wrong("[rate_limiter.\"live lit*\"]\nbursty = \"2/s\"");
    assert_eq!(group, [format!("settings.toml:2:1: {says} (rate_limiter `live literal`)")]);
    for fits in ["wait = \"1s\"", "permits = 2"] {
        apply(&format!("{slower}\n{fits}"));
        registry().rate_limiter("live literal").unwrap().reset();
        VirtualTime::new().blocking(literal).unwrap();
    }
    assert_eq!(wrong(&format!("{slower}\npermits = 3")).len(), 1);
}

#[test]
fn they_are_explained() {
    let _alone = Alone::blocking();
    apply(
        "[circuit_breaker.\"live bounds\"]\nkey_idle = \"1m\"\n[rate_limiter.\"live permits\"]\npermits = 4",
    );
    let explained = failsafe::explain().policies;
    let shown = |policy: &str, name: &str, option: &str| {
        let policy = explained.iter().find(|one| one.policy == policy && one.name == name).unwrap();
        let option = policy.options.iter().find(|one| one.option == option)?;
        Some(format!("{} {}", option.value.clone()?, option.set_by.name()))
    };
    let text = |text: &str| Some(text.to_owned());
    let (bounds, permits) = ("live bounds", "live permits");
    assert_eq!(shown("circuit_breaker", bounds, "max_keys"), text("2 attribute"));
    assert_eq!(shown("circuit_breaker", bounds, "key_idle"), text("\"1m\" policy"));
    assert_eq!(shown("circuit_breaker", "svcB", "max_keys"), None);
    assert_eq!(shown("rate_limiter", permits, "permits"), text("4 policy"));
    assert_eq!(shown("rate_limiter", "live instance", "permits"), text("1 default"));
}
