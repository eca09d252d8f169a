//! What we do differently from failsafe-go, read from the table in `docs/differences.md`, so that the table and what is
//! left out cannot part.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What the replayer does about a difference; its name in the table is in the last column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Handling {
    /// `end`: the states have parted; the file ends at the first step.
    End,
    /// `end-if-refused`: the file ends at once if the builder refuses its configuration.
    EndIfRefused,
    /// `metrics-on-records`: of a breaker with a time window, the metrics are compared as long as no slice can have expired.
    MetricsOnRecords,
    /// `metrics-unless-open`: the metrics are not compared while a breaker is open that was told results.
    MetricsUnlessOpen,
    /// `surplus-permits`: a permit beyond the capacity may be refused.
    SurplusPermits,
    /// `done-event`: `exec_success` and `exec_failure` are not told apart where the result is an error.
    DoneEvent,
    /// `until-limit`: a run is compared up to the failure at the max duration.
    UntilLimit,
    /// `until-abort`: a step is compared up to an abort at the attempt that was the last anyway.
    UntilAbort,
    /// `end-if-late`: a file of a stack ends where a result arrived in a later state of a breaker.
    EndIfLate,
    /// `not-if-reentered`: a step in which an inner retry ran anew is not compared.
    NotIfReentered,
    /// `no-dropped-verdicts`: the verdicts of policies whose body was cancelled are not compared.
    NoDroppedVerdicts,
    /// `no-times-if-ignored`: where a function ignored its cancellation, times are not compared.
    NoTimesIfIgnored,
    /// `no-counts-in-debt`: while a budget was given back more than it granted, its counts are not compared.
    NoCountsInDebt,
    /// `until-idle`: a step with a hedge is compared up to the time at which no attempt runs any more.
    UntilIdle,
}

const NAMES: &[(&str, Handling)] = &[
    ("end", Handling::End),
    ("end-if-refused", Handling::EndIfRefused),
    ("metrics-on-records", Handling::MetricsOnRecords),
    ("metrics-unless-open", Handling::MetricsUnlessOpen),
    ("surplus-permits", Handling::SurplusPermits),
    ("done-event", Handling::DoneEvent),
    ("until-limit", Handling::UntilLimit),
    ("until-abort", Handling::UntilAbort),
    ("end-if-late", Handling::EndIfLate),
    ("not-if-reentered", Handling::NotIfReentered),
    ("no-dropped-verdicts", Handling::NoDroppedVerdicts),
    ("no-times-if-ignored", Handling::NoTimesIfIgnored),
    ("no-counts-in-debt", Handling::NoCountsInDebt),
    ("until-idle", Handling::UntilIdle),
];

/// The rows of the table.
pub(crate) struct Differences(BTreeMap<String, Handling>);

impl Differences {
    /// Reads the table: the first column is the quirk, the last begins with what the replayer does.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
        let mut rows = BTreeMap::new();
        for line in text.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [quirk, _, _, _, _, replayer] = cells.as_slice() else {
                return Err(format!("a row has {} columns instead of 6: {line}", cells.len()));
            };
            let quirk = quoted(quirk).ok_or_else(|| format!("no quirk in the row {line}"))?;
            let name = quoted(replayer).ok_or_else(|| format!("no handling in the row {line}"))?;
            let handling = NAMES.iter().find(|(known, _)| *known == name);
            let (_, handling) = handling.ok_or_else(|| format!("unknown handling `{name}`"))?;
            if rows.insert(quirk.to_owned(), *handling).is_some() {
                return Err(format!("two rows for `{quirk}`"));
            }
        }
        if rows.is_empty() { Err("the table has no rows".to_owned()) } else { Ok(Self(rows)) }
    }

    /// What is done about a quirk, if we differ there.
    pub(crate) fn handling(&self, quirk: &str) -> Option<Handling> {
        self.0.get(quirk).copied()
    }

    /// The differences that no list names where policies are stacked, because a trace shows by itself where they are.
    pub(crate) fn of_every_stack(&self) -> Vec<(String, usize, Handling)> {
        let shown = [
            Handling::EndIfLate,
            Handling::MetricsOnRecords,
            Handling::NoDroppedVerdicts,
            Handling::NoTimesIfIgnored,
            Handling::UntilAbort,
            Handling::UntilIdle,
        ];
        self.handled(&shown)
    }

    /// The same, where a budget is by itself.
    pub(crate) fn of_every_budget(&self) -> Vec<(String, usize, Handling)> {
        self.handled(&[Handling::NoCountsInDebt])
    }

    fn handled(&self, so: &[Handling]) -> Vec<(String, usize, Handling)> {
        let rows = self.0.iter().filter(|(_, handling)| so.contains(handling));
        rows.map(|(quirk, handling)| (quirk.clone(), 0, *handling)).collect()
    }
}

/// What stands between the first two backticks, at the start.
fn quoted(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.split('`').next()
}
