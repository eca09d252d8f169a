//! B is slow and its replica is not: hedging.

use super::SECOND;
use super::crowd::{numbered, with_status};
use super::stage::{Reply, Stage, without};
use crate::report::Row;
use crate::service_b::Script;
use failsafe::events::What;
use std::time::Duration;

/// How many calls there are with hedging, and without.
const CALLS: usize = 100;

/// Every other call meets the slow one of two replicas first.
pub(super) async fn hedge(stage: &Stage) -> anyhow::Result<Row> {
    let mut scene = stage.scene(8, "hedge gets around a slow replica", Script::Lagging).await?;
    without("every other call takes as long as the slow B.");
    let shown = format!("GET /unhedged-price, {CALLS} at once");
    let plain = scene.send(&shown, numbered("/unhedged-price", CALLS)).rest().await?;
    let shown = format!("GET /price, {CALLS} at once, with hedges");
    let hedged = scene.send(&shown, numbered("/price", CALLS)).rest().await?;
    let started = scene.decisions_where(|what| *what == What::Hedge).len();

    let answered = with_status(&plain, 200) + with_status(&hedged, 200);
    scene.claim(answered == 2 * CALLS, "every price is answered");
    let slow = plain.iter().filter(|reply| reply.from == "B").count();
    scene.claim(slow == CALLS / 2, "without hedges, half of them come from the slow B");
    let quick = hedged.iter().all(|reply| reply.from == "B2");
    scene.claim(quick, "with hedges, all of them come from the quick replica");
    // On a busy machine the quick replica may be hedged as well, which costs a request and no time.
    let enough = started >= CALLS / 2;
    scene.claim(enough, format!("{started} hedges started, one for each call that met B first"));
    let (before, after) = (p99(&plain), p99(&hedged));
    let times = [before, after].map(|time| format!("{:.2}s", time.as_secs_f64())).join(" to ");
    let fell = before >= 2 * SECOND && after + SECOND / 2 < before;
    scene.claim(fell, format!("the p99 falls from {times}"));
    Ok(scene.end())
}

/// What 99 of 100 answers took at the most.
fn p99(replies: &[Reply]) -> Duration {
    let mut times: Vec<_> = replies.iter().map(|reply| reply.took).collect();
    times.sort_unstable();
    times.get((times.len() * 99).div_ceil(100).saturating_sub(1)).copied().unwrap_or_default()
}
