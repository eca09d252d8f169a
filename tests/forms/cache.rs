//! Scenarios of `cache`.

use failsafe::{Cache, cache, registry};

use crate::harness::*;

forms! {
    kept,
    #[cache(key = 7_u32, name = "forms: cache")],
    Cache::<u32, u32>::builder().name("forms: cache").build().for_key(7),
}

// GO Cache: missed and kept (1/1), then hit (1/0); a failure is not kept.
#[test]
fn a_success_is_kept_and_a_failure_is_not() {
    check(
        &kept::forms(),
        [
            call("F", DOWN).told(&["cache miss"]).into(),
            call("S", Ok(1)).told(&["cache miss", "cache cached"]).into(),
            call("F S", Ok(1)).of(1, 0).told(&["cache hit"]).into(),
            shows("hits", "1"),
            shows("misses", "2"),
            shows("entries", "1"),
            hand("it is emptied", || registry().cache("forms: cache").unwrap().clear()),
            call("F", DOWN).into(),
        ],
    );
}

forms! {
    expiring,
    #[cache(key = 7_u32, name = "forms: expiring", ttl = "1s")],
    Cache::<u32, u32>::builder().name("forms: expiring").ttl("1s").build().for_key(7),
}

// A value is kept for so long after it was made.
#[test]
fn a_value_expires() {
    check(
        &expiring::forms(),
        [
            call("S500", Ok(1)).took(500).into(),
            pass(999),
            call("F", Ok(1)).of(1, 0).into(),
            pass(1),
            call("F S", DOWN).into(),
            call("F S", DOWN).into(),
        ],
    );
}

// A call of the same key from inside the body does not wait for itself.
#[test]
fn a_body_may_call_itself() {
    check(
        &kept::forms(),
        [
            call("N S", Ok(2)).into(),
            call("F", Ok(2)).of(1, 0).into(),
            shows("running", "0"),
            shows("waiting", "0"),
        ],
    );
}

// Calls that miss beside each other run one after another until one succeeds, and all others have its value.
#[test]
fn one_runs_for_all() {
    check(
        &kept::asynchronous_forms(),
        [
            together([
                call("F100", DOWN).took(100),
                call("S50", Ok(1)).took(150),
                call("F", Ok(1)).took(150),
                call("F", Ok(1)).took(30).after(120),
            ]),
            shows("misses", "2"),
            shows("hits", "2"),
            shows("running", "0"),
        ],
    );
}
