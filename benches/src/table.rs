//! The table: one row per case, with ratios to ours.

use std::fmt::Write as _;

use crate::case::{Case, Contender, Group};
use crate::measure::Measured;

/// Renders one Markdown table. Ratios compare best rounds: 2.0 means twice the time of ours.
pub fn render(cases: &[Case], measured: &[Measured]) -> String {
    let mut out = String::from(
        "| policies        | contender                     | ns best | ns median |  / ours | allocs | heap B | future B |\n\
         |-----------------|-------------------------------|--------:|----------:|--------:|-------:|-------:|---------:|\n",
    );
    for (case, row) in cases.iter().zip(measured) {
        let ratio = ours(cases, measured, case.group)
            .map_or_else(|| "-".to_owned(), |ours| format!("{:.2}", row.best_ns / ours.best_ns));
        let _ = writeln!(
            out,
            "| {:<15} | {:<29} | {:>7.1} | {:>9.1} | {:>7} | {:>6.1} | {:>6.0} | {:>8} |",
            case.group.name(),
            case.contender,
            row.best_ns,
            row.median_ns,
            ratio,
            row.allocations,
            row.heap_bytes,
            case.future_bytes,
        );
    }
    out
}

fn ours<'a>(cases: &[Case], measured: &'a [Measured], group: Group) -> Option<&'a Measured> {
    let at =
        cases.iter().position(|case| case.group == group && case.contender == Contender::Ours)?;
    measured.get(at)
}
