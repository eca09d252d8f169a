//! B is slow and its replica is not: hedging.

use super::SECOND;
use super::crowd::{numbered, with_status};
use super::stage::{Reply, Stage, without};
use crate::report::Row;
use crate::service_b::Script;
use failsafe::events::What;
use std::time::Duration;

/// How many calls there are with hedging, and without.
const CALLS: usize = 20;

/// Every other call meets the slow one of two replicas first.
pub(super) async fn hedge(stage: &Stage) -> anyhow::Result<Row> {
    let mut scene = stage.scene(8, "hedge gets around a slow replica", Script::Lagging).await?;
    without("every other call takes as long as the slow B.");
    let shown = format!("GET /unhedged-price, {CALLS} at once");
    let without = scene.send(&shown, numbered("/unhedged-price", CALLS)).rest().await?;
    let shown = format!("GET /price, {CALLS} at once, with hedges");
    let with = scene.send(&shown, numbered("/price", CALLS)).rest().await?;
    let hedges = scene.decisions_where(|what| *what == What::Hedge).len();

    let both = with_status(&without, 200) + with_status(&with, 200);
    scene.claim(both == 2 * CALLS, "every price is answered");
    let slow = without.iter().filter(|reply| reply.from == "B").count();
    scene.claim(slow == CALLS / 2, "without hedges, half of them come from the slow B");
    let quick = with.iter().all(|reply| reply.from == "B2");
    scene.claim(quick, "with hedges, all of them come from the quick replica");
    // A quick replica on a busy machine may be hedged as well, which costs a request and no time.
    let few = (CALLS / 2..=CALLS).contains(&hedges);
    scene.claim(few, format!("{hedges} hedges started: one for each call that met B first"));
    let (without, with) = (p99(&without), p99(&with));
    let times =
        format!("the p99 falls from {:.2}s to {:.2}s", without.as_secs_f64(), with.as_secs_f64());
    scene.claim(without >= 2 * SECOND && with < without, times);
    Ok(scene.end())
}

/// What 99 of 100 answers took at the most.
fn p99(replies: &[Reply]) -> Duration {
    let mut times: Vec<_> = replies.iter().map(|reply| reply.took).collect();
    times.sort_unstable();
    times.get((times.len() * 99).div_ceil(100).saturating_sub(1)).copied().unwrap_or_default()
}
