//! The table: one row per case, with ratios to ours.

use std::fmt::Write as _;

use crate::case::{Case, Contender, Group};
use crate::measure::Measured;

/// Renders one Markdown table. Ratios compare best rounds: 2.0 means twice the time of ours.
pub fn render(cases: &[Case], measured: &[Measured]) -> String {
    let mut out = String::from(
        "| policies           | contender                        | ns best | ns median |  / ours | allocs | heap B | future B |\n\
         |--------------------|----------------------------------|--------:|----------:|--------:|-------:|-------:|---------:|\n",
    );
    for (case, row) in cases.iter().zip(measured) {
        let ratio = ours(cases, measured, case.group)
            .map_or_else(|| "-".to_owned(), |ours| format!("{:.2}", row.best_ns / ours.best_ns));
        let _ = writeln!(
            out,
            "| {:<18} | {:<32} | {:>7.1} | {:>9.1} | {:>7} | {:>6.1} | {:>6.0} | {:>8} |",
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

/// What the project promises of the stack around a ready operation, and whether this run kept it.
pub fn verdict(cases: &[Case], measured: &[Measured]) -> String {
    let rows: Vec<_> =
        cases.iter().zip(measured).filter(|(case, _)| case.group == Group::Stack).collect();
    let of = |contender| rows.iter().find(|(case, _)| case.contender == contender);
    let (Some((ours, cost)), Some((by_hand, _))) = (of(Contender::Ours), of(Contender::ByHand))
    else {
        return String::new();
    };
    let best_peer = rows
        .iter()
        .filter(|(case, _)| case.contender.is_peer())
        .map(|(_, row)| row.best_ns)
        .fold(f64::INFINITY, f64::min);
    // In whole per cent, rounded up: a bar is not met by rounding.
    let size = (ours.future_bytes * 100).div_ceil(by_hand.future_bytes);
    let said = |kept| if kept { "kept" } else { "BROKEN" };
    let allocating: Vec<_> = cases
        .iter()
        .zip(measured)
        .filter(|(case, row)| case.contender == Contender::Ours && row.allocations > 0.0)
        .flat_map(|(case, _)| [" ", case.group.name()])
        .collect();
    format!(
        "every policy, no allocations: {}{}\n\
         stack, no allocations: {} ({:.1} per call)\n\
         stack, future at most 110 % of the one by hand: {} ({size} %)\n\
         stack, below the time of every peer: {} ({:.1} ns, best peer {best_peer:.1} ns)\n",
        said(allocating.is_empty()),
        allocating.concat(),
        said(cost.allocations == 0.0),
        cost.allocations,
        said(size <= 110),
        said(cost.best_ns < best_peer),
        cost.best_ns,
    )
}

fn ours<'a>(cases: &[Case], measured: &'a [Measured], group: Group) -> Option<&'a Measured> {
    let at =
        cases.iter().position(|case| case.group == group && case.contender == Contender::Ours)?;
    measured.get(at)
}
