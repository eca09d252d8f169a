//! Replays a budget by itself.

use super::clock;
use super::compare;
use super::differences::Handling;
use super::file::{self, Step, VectorFile};
use super::report::Replay;
use failsafe::Budget;
use failsafe::budget::{BudgetExecution, BudgetPermit};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a budget is told.
#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
pub(crate) struct BudgetConfig {
    max_rate: f64,
    min_concurrency: u32,
}

impl BudgetConfig {
    /// The budget.
    pub(crate) fn build(self) -> Result<Budget, String> {
        let builder = Budget::builder().max_rate(self.max_rate);
        let builder = builder.min_concurrency(self.min_concurrency);
        builder.try_build().map_err(|error| error.to_string())
    }
}

/// What a budget counts.
const COUNTS: [&str; 3] = ["rate", "primaries", "extras"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// What is under way.
#[derive(Default)]
struct UnderWay {
    primaries: Vec<BudgetExecution>,
    extras: Vec<BudgetPermit>,
    /// How many more were given back than were granted: a guard cannot do that. The next permits pay for it.
    debt: usize,
}

/// Replays a file.
pub(crate) fn replay(file: &VectorFile, replay: &mut Replay<'_>) -> Result<(), String> {
    let config: BudgetConfig = file::parse("config", file.config.clone())?;
    let budget = config.build()?;
    let mut under_way = UnderWay::default();
    for (index, step) in file.steps.iter().enumerate() {
        if !replay.begin(index) {
            return Ok(());
        }
        let differs = |why| format!("step {index} ({}): {why}", step.op);
        clock::check(step.at_ns).map_err(differs)?;
        let seen = execute(&budget, &mut under_way, step).map_err(differs)?;
        let in_debt = replay.quirk(Handling::NoCountsInDebt).filter(|_| under_way.debt > 0);
        let mut left_out: &[&str] = &[];
        if let Some(quirk) = in_debt {
            replay.leave_out(quirk);
            left_out = &COUNTS;
        }
        compare::fields(&step.expect, &seen, left_out).map_err(differs)?;
    }
    Ok(())
}

fn execute(
    budget: &Budget,
    under_way: &mut UnderWay,
    step: &Step,
) -> Result<Map<String, Value>, String> {
    let _: Nothing = step.args()?;
    let UnderWay { primaries, extras, debt } = under_way;
    let mut seen = Map::new();
    match step.op.as_str() {
        "init" => {}
        "start_execution" => primaries.push(budget.start_execution()),
        "end_execution" => drop(primaries.pop().ok_or("no execution is under way")?),
        "try_acquire" => {
            let permit = budget.try_acquire();
            seen.insert("acquired".to_owned(), json!(permit.is_some()));
            let is_paid = permit.is_some() && *debt > 0;
            *debt -= usize::from(is_paid);
            extras.extend(permit.filter(|_| !is_paid));
        }
        "release" => *debt += usize::from(extras.pop().is_none()),
        _ => return Err("unknown operation".to_owned()),
    }
    let counted = (primaries.len() + extras.len(), extras.len());
    let counts = (budget.executions(), budget.extras());
    if counts != (counted.0 as u64, counted.1 as u64) {
        return Err(format!("the budget counts {counts:?}, but {counted:?} are under way"));
    }
    seen.insert("rate".to_owned(), json!(budget.rate()));
    seen.insert("primaries".to_owned(), json!(primaries.len()));
    seen.insert("extras".to_owned(), json!(extras.len()));
    Ok(seen)
}
