//! Replays the traces in `tests/vectors/`, or those under `FAILSAFE_VECTORS`, through the public builders.
//!
//! Each trace is what failsafe-go did (see `tests/vectors/FORMAT.md`). Where we differ from it on purpose,
//! `docs/differences.md` has a row that says what the replayer leaves out; anything else that differs is a failure.

#[path = "conformance/mod.rs"]
mod replayer;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let vectors = std::env::var_os("FAILSAFE_VECTORS")
        .map_or_else(|| root.join("tests/vectors"), PathBuf::from);
    let report = replayer::replay_all(&vectors, &root.join("docs/differences.md"));
    print!("{report}");
    if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
