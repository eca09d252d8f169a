//! One body of behaviour, run against every form of a policy: the attribute, the builder, and both on blocking code where
//! there is that form. A scenario says what is called and what must come of it; forms that do something else, or that
//! differ from each other in an outcome, the time it took, an event, a counter or a number of the snapshot, are named
//! with the step.
//!
//! Two more tests are of all policies at once: `gauges` (what calls hold is given back) and `keys` (keys are bounded).

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    reason = "conditions and fallbacks have the signatures that the attributes ask for"
)]

#[macro_use]
#[path = "forms/harness.rs"]
mod harness;

mod forms {
    mod adaptive_limiter;
    mod adaptive_throttler;
    mod bulkhead;
    mod cache;
    mod circuit_breaker;
    mod compositions;
    mod fail_fast;
    mod fallback;
    mod feature_toggle;
    mod gauges;
    mod hedge;
    mod keys;
    mod rate_limiter;
    mod retry;
    mod timeout;
}

/// No policy is left out: each has a file of scenarios, of at least four tests.
#[test]
fn every_policy_has_scenarios() {
    for policy in failsafe::config::policies() {
        let file = format!("{}/tests/forms/{}.rs", env!("CARGO_MANIFEST_DIR"), policy.name);
        let scenarios =
            std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("there is no {file}"));
        let tests = scenarios.matches("#[test]").count();
        assert!(tests >= 4, "{file} has {tests} scenarios");
    }
}
