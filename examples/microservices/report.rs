//! The final table.

use crate::timeline::{Colour, Decision, line};
use failsafe::events::What;

/// One scene in the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) number: u32,
    pub(crate) shown: &'static str,
    pub(crate) calls: usize,
    pub(crate) requests_to_b: usize,
    pub(crate) claims: usize,
    pub(crate) decisions: Vec<Decision>,
    /// Whether all its claims came true.
    pub(crate) kept: bool,
}

impl Row {
    /// How many decisions there were of that kind.
    fn count(&self, of: impl Fn(&What) -> bool) -> usize {
        self.decisions.iter().filter(|decision| of(&decision.event.what)).count()
    }

    /// Prints it.
    fn print(&self) {
        let result =
            if self.kept { Colour::Green.paint("ok") } else { Colour::Red.paint("FAILED") };
        line(format_args!(
            "{:<5}  {:<33} {:>5} {:>5} {:>7} {:>8} {:>9} {:>8} {:>19} {:>6}  {result}",
            self.number,
            self.shown,
            self.calls,
            self.requests_to_b,
            self.count(|what| matches!(what, What::Retry)),
            self.count(|what| matches!(what, What::Timeout(_))),
            self.count(|what| matches!(what, What::Fallback { .. })),
            self.count(|what| matches!(what, What::Rejected(_))),
            self.count(|what| matches!(what, What::StateChanged { .. })),
            self.claims,
        ));
    }
}

/// Prints the table.
pub(crate) fn print(rows: &[Row]) {
    line("");
    line(Colour::Bold.paint(format_args!(
        "{:<5}  {:<33} {:>5} {:>5} {:>7} {:>8} {:>9} {:>8} {:>19} {:>6}  result",
        "scene",
        "shown",
        "calls",
        "to B",
        "retries",
        "timeouts",
        "fallbacks",
        "refusals",
        "breaker transitions",
        "claims"
    )));
    rows.iter().for_each(Row::print);
}
