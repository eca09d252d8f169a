//! Everybody wants the same: a cache.

use super::SECOND;
use super::crowd::with_status;
use super::stage::{Stage, without};
use crate::report::Row;
use crate::service_b::Script;
use failsafe::events::What;
use tokio::time::sleep;

/// 100 callers want one profile; B takes 800 ms for it.
pub(super) async fn cache(stage: &Stage) -> anyhow::Result<Row> {
    let mut scene = stage.scene(10, "cache asks once for a hundred", Script::Overloaded).await?;
    without("B gets all 100 requests.");
    let same = (0..100).map(|_| "/profile/7".to_owned());
    let replies = scene.send("GET /profile/7, 100 at once", same).rest().await?;
    let requests = scene.requests_to_b();
    let hits = scene.decisions_where(|what| *what == What::Hit).len();
    // What was kept when B answered is two seconds old then.
    sleep(2 * SECOND).await;
    let again = std::iter::once("/profile/7".to_owned());
    let late = scene.send("GET /profile/7, after its time", again).rest().await?;

    scene.claim(with_status(&replies, 200) == 100, "all 100 are answered");
    scene.claim(requests == 1, "B got 1 request");
    scene.claim(hits == 99, "the other 99 waited for it, or came later");
    scene.claim(with_status(&late, 200) == 1, "after 2s there is an answer too");
    scene.claim(scene.requests_to_b() == 2, "for which B was asked again");
    Ok(scene.end())
}
