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

use std::fs;

/// The folder of what compiles.
const PASS: &str = "pass";

#[test]
fn messages() {
    let folders = fs::read_dir("cases").expect("there are cases");
    let names = folders.map(|folder| folder.expect("it can be listed").file_name());
    let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    let cases = trybuild::TestCases::new();
    cases.pass(format!("cases/{PASS}/*.rs"));
    for folder in names.iter().filter(|name| *name != PASS) {
        cases.compile_fail(format!("cases/{folder}/*.rs"));
    }
}
