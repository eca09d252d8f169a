//! However many keys come, no policy keeps more of them than it was told to.

use std::collections::BTreeSet;

use failsafe::{Registry, registry};

use crate::harness::*;

/// The most keys that are kept, and how many come.
const KEPT: usize = 1000;
const COME: u32 = 10_000;

/// A text that takes a kilobyte: what is kept of a key is counted.
fn long(key: u32) -> String {
    format!("{key:01000}")
}

/// The same policy on an async and on a blocking function.
macro_rules! keyed {
    ($key:ident $($policy:ident: $(#[$attribute:meta])+;)+) => {
        mod each {
            $(pub(super) mod $policy {
                use failsafe::$policy;
                use super::super::*;

                $(#[$attribute])+
                pub(crate) async fn later($key: u32) -> Res {
                    Ok($key)
                }

                $(#[$attribute])+
                pub(crate) fn now($key: u32) -> Res {
                    Ok($key)
                }
            })+
        }

        /// Every policy with keys.
        const ALL: &[Keyed] = &[$((
            stringify!($policy),
            |key| Box::pin(each::$policy::later(key)),
            each::$policy::now,
        )),+];
    };
}

/// A policy, and the two functions that it is on.
type Keyed = (&'static str, fn(u32) -> Pending<'static>, fn(u32) -> Res);

keyed! {
    key
    circuit_breaker:
        #[circuit_breaker(name = "keys: circuit_breaker", key = long(key), max_keys = 1000)];
    rate_limiter:
        #[rate_limiter(name = "keys: rate_limiter", smooth = "1/s", key = long(key), max_keys = 1000)];
    bulkhead:
        #[bulkhead(1, name = "keys: bulkhead", key = long(key), max_keys = 1000)];
    fail_fast:
        #[fail_fast(name = "keys: fail_fast", key = long(key), max_keys = 1000)];
    adaptive_throttler:
        #[adaptive_throttler(name = "keys: adaptive_throttler", key = long(key), max_keys = 1000)];
    adaptive_limiter:
        #[adaptive_limiter(name = "keys: adaptive_limiter", key = long(key), max_keys = 1000)];
}

/// The instances that there are.
fn instances() -> Vec<String> {
    registry().snapshot().policies.into_iter().map(|policy| policy.name).collect()
}

#[test]
fn every_policy_with_keys_is_here() {
    let with_keys = failsafe::config::tables().filter(|table| table.option("max_keys").is_some());
    let with_keys: BTreeSet<_> = with_keys.map(|table| table.name).collect();
    assert_eq!(ALL.iter().map(|(policy, ..)| *policy).collect::<BTreeSet<_>>(), with_keys);
}

// The bytes that they take are counted in `tests/memory.rs`.
#[test]
fn ten_thousand_keys_leave_a_thousand_instances() {
    for (policy, later, now) in ALL {
        Registry::new().scope_blocking(|| {
            let time = failsafe::testing::VirtualTime::new();
            let mut most = 0;
            for key in 0..COME {
                // Of the keys of both functions, which share their instances.
                let outcome =
                    if key % 2 == 0 { time.run(later(key)) } else { time.blocking(|| now(key)) };
                assert_eq!(outcome, Ok(key), "{policy}");
                time.advance(ms(1));
                if key % 50 == 0 || key as usize % KEPT < 3 {
                    most = most.max(instances().len());
                }
            }
            let left = instances();
            most = most.max(left.len());
            assert!(most <= KEPT, "{policy} kept {most}");
            // A thousand were asked for: many fewer would be as wrong.
            assert!(left.len() > KEPT / 2, "{policy} kept {} only", left.len());
            let latest = format!("keys: {policy}[{:?}]", long(COME - 1));
            assert!(left.contains(&latest), "{policy} has forgotten the latest key");
            let earliest = format!("keys: {policy}[{:?}]", long(0));
            assert!(!left.contains(&earliest), "{policy} has kept the earliest key");
        });
    }
}
