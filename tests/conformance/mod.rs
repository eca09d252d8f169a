//! Finds the files, replays each by its policy, and counts.

mod breaker_view;
mod budget;
mod bulkhead;
mod circuit_breaker;
mod clock;
mod compare;
mod composition;
mod conditions;
mod differences;
mod error;
mod file;
mod freshness;
mod rate_limiter;
mod report;
mod retry;

use differences::Differences;
use file::VectorFile;
use report::{Replay, Report};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Policies of the format that this library does not have yet.
const NOT_YET: &[&str] = &["adaptive_limiter", "adaptive_throttler", "priority", "cache"];

/// Replays every file under the directory.
pub(crate) fn replay_all(vectors: &Path, differences: &Path) -> Report {
    // A panic is a difference, and reported as one.
    std::panic::set_hook(Box::new(|_| {}));
    let mut report = Report::default();
    let differences = match Differences::read(differences) {
        Ok(differences) => differences,
        Err(why) => {
            report.fail("docs/differences.md", why);
            return report;
        }
    };
    let paths = match file::find(vectors) {
        Ok(paths) => paths,
        Err(why) => {
            report.fail(&vectors.display().to_string(), why);
            return report;
        }
    };
    for path in paths {
        let name = path.strip_prefix(vectors).unwrap_or(&path).display().to_string();
        match VectorFile::read(&path, vectors, &differences) {
            Ok(file) => replay(&file, &name, &mut report),
            Err(why) => report.fail(&name, why),
        }
    }
    report
}

fn replay(file: &VectorFile, name: &str, report: &mut Report) {
    if NOT_YET.contains(&file.policy.as_str()) {
        report.skip(&file.policy, format!("{}: the policy does not exist yet", file.policy));
        return;
    }
    clock::restart();
    let mut replay = Replay::new(file);
    let outcome = catch_unwind(AssertUnwindSafe(|| match file.policy.as_str() {
        "budget" => budget::replay(file, &mut replay),
        "circuit_breaker" => circuit_breaker::replay(file, &mut replay),
        "rate_limiter" => rate_limiter::replay(file, &mut replay),
        "bulkhead" => bulkhead::replay(file, &mut replay),
        "retry" => retry::replay(file, &mut replay),
        "composition" | "hedge" => composition::replay(file, &mut replay),
        unknown => Err(format!("unknown policy `{unknown}`")),
    }));
    let outcome = outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("{}: panic: {}", replay.place(), text.unwrap_or("without a text")))
    });
    report.add(&file.policy, name, replay, outcome);
}
