//! However many keys come, what a policy keeps of them takes no more memory than what it was told to keep.
//!
//! A file of one test, so that nothing else allocates while it counts.

use std::alloc::System;
use std::time::Duration;

use failsafe::testing::VirtualTime;
use failsafe::{Registry, Rejected};
use failsafe::{
    adaptive_limiter, adaptive_throttler, bulkhead, cache, circuit_breaker, fail_fast, rate_limiter,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

type Res = Result<u32, Rejected>;

/// A text that takes a kilobyte: what is kept of a key is noticed.
fn long(key: u32) -> String {
    format!("{key:01000}")
}

#[circuit_breaker(name = "memory: circuit_breaker", key = long(key), max_keys = 1000)]
fn through_circuit_breaker(key: u32) -> Res {
    Ok(key)
}

#[rate_limiter(name = "memory: rate_limiter", smooth = "1/s", key = long(key), max_keys = 1000)]
fn through_rate_limiter(key: u32) -> Res {
    Ok(key)
}

#[bulkhead(1, name = "memory: bulkhead", key = long(key), max_keys = 1000)]
fn through_bulkhead(key: u32) -> Res {
    Ok(key)
}

#[fail_fast(name = "memory: fail_fast", key = long(key), max_keys = 1000)]
fn through_fail_fast(key: u32) -> Res {
    Ok(key)
}

#[adaptive_throttler(name = "memory: adaptive_throttler", key = long(key), max_keys = 1000)]
fn through_adaptive_throttler(key: u32) -> Res {
    Ok(key)
}

#[adaptive_limiter(name = "memory: adaptive_limiter", key = long(key), max_keys = 1000)]
fn through_adaptive_limiter(key: u32) -> Res {
    Ok(key)
}

#[cache(name = "memory: cache", key = long(key), capacity = 1000)]
fn through_cache(key: u32) -> Res {
    Ok(key)
}

/// A policy, and a function that it is on.
type Keyed = (&'static str, fn(u32) -> Res);

const ALL: &[Keyed] = &[
    ("circuit_breaker", through_circuit_breaker),
    ("rate_limiter", through_rate_limiter),
    ("bulkhead", through_bulkhead),
    ("fail_fast", through_fail_fast),
    ("adaptive_throttler", through_adaptive_throttler),
    ("adaptive_limiter", through_adaptive_limiter),
    ("cache", through_cache),
];

/// Bytes that are allocated now.
fn held() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

#[test]
fn ten_thousand_keys_take_the_memory_of_a_thousand() {
    for (policy, call) in ALL {
        Registry::new().scope_blocking(|| {
            let time = VirtualTime::new();
            let come = |keys: std::ops::Range<u32>| {
                for key in keys {
                    assert!(time.blocking(|| call(key)).is_ok(), "{policy}");
                    time.advance(Duration::from_millis(1));
                }
            };
            let none = held();
            // Twice as many as are kept, so that every table has its last size.
            come(0..2_000);
            let thousand = held() - none;
            assert!(
                thousand > 500 * 1000,
                "{policy} keeps {thousand} bytes of a thousand long keys"
            );
            come(2_000..12_000);
            let later = held() - none;
            assert!(later < thousand + thousand / 10, "{policy}: {thousand} bytes became {later}");
            println!("{policy}: {thousand} bytes, then {later}");
        });
    }
}
