//! Some calls are more important than others: adaptive throttler and priorities.

use super::SECOND;
use super::crowd::{numbered, with_status};
use super::stage::{Reply, Scene, Stage, without};
use crate::report::Row;
use crate::service_b::Script;
use tokio::time::sleep;

/// How many calls of each kind there are at a time.
const CALLS: usize = 40;

/// B fails too often; A spares it the less important calls.
pub(super) async fn adaptive_throttler(stage: &Stage) -> anyhow::Result<Row> {
    let mut scene = stage.scene(12, "throttler spares B what can wait", Script::Strained).await?;
    without("B is called as often as ever, and checkouts fail with the rest.");
    both(&mut scene).await?;
    // The prioritizer looks twice a second at what fails.
    sleep(SECOND).await;
    let before = scene.requests_to_b();
    let replies = both(&mut scene).await?;
    let requests = scene.requests_to_b() - before;
    let (important, others): (Vec<_>, Vec<_>) =
        replies.into_iter().partition(|reply| reply.path.starts_with("/checkout/"));
    let (refused, passed) = (with_status(&others, 503), CALLS - with_status(&important, 503));

    scene.claim(passed == CALLS, format!("all {CALLS} checkouts go through to B"));
    scene.claim(refused > 0, format!("{refused} of {CALLS} who browse are refused, with 503"));
    scene.claim(requests == 2 * CALLS - refused, "which spares B as many requests");
    Ok(scene.end())
}

/// As many checkouts as calls that browse.
async fn both(scene: &mut Scene<'_>) -> anyhow::Result<Vec<Reply>> {
    let paths = numbered("/checkout", CALLS).zip(numbered("/browse", CALLS));
    let paths = paths.flat_map(|(important, other)| [important, other]);
    let shown = format!("GET /checkout and /browse, {CALLS} at once of each");
    scene.send(&shown, paths).rest().await
}
