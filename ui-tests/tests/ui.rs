//! What the attributes say of code they cannot accept, and code they must accept.
//!
//! `cases/<attribute>` holds one fault, or a few of one kind, a file; `_stack` what concerns several
//! policies, `_signature` what a function must be. A `.stderr` is what a user reads: after a change
//! of the messages, `TRYBUILD=overwrite cargo test -p failsafe-ui-tests` writes them anew, and each
//! is then to be read as a user would.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.pass("cases/pass/*.rs");
    cases.compile_fail("cases/*/*.rs");
}
