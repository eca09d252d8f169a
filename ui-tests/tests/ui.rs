//! What the attributes say of code they cannot accept, and code they must accept.
//!
//! A folder of `cases` for each attribute; `_stack` is what concerns several policies, `_signature`
//! what a function must be, `pass` what compiles. One fault, or a few of one kind, a file. Beside it
//! the `.stderr` is what a user reads. After a change of the messages
//! `TRYBUILD=overwrite cargo test -p failsafe-ui-tests` writes them anew; read each as a user would.
//!
//! The compiler lays a message out otherwise when a type in it is long, and the type of a closure has
//! the whole path of its file. A case whose message names a closure has a name so long that the
//! message is the same wherever the project is.

const FAILING: &[&str] = &[
    "retry",
    "circuit_breaker",
    "timeout",
    "fallback",
    "rate_limiter",
    "feature_toggle",
    "bulkhead",
    "fail_fast",
    "hedge",
    "cache",
    "adaptive_throttler",
    "adaptive_limiter",
    "policy",
    "policies",
    "resilient",
    "_stack",
    "_signature",
];

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.pass("cases/pass/*.rs");
    for folder in FAILING {
        cases.compile_fail(format!("cases/{folder}/*.rs"));
    }
}
