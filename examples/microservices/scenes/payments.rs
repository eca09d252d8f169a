//! Nobody is to find out the hard way that B fails: fail-fast with a probe.

use super::SECOND;
use super::stage::{Stage, without};
use crate::report::Row;
use crate::service_b::Script;
use failsafe::events::What;
use tokio::time::sleep;

/// After two failures payments are refused, until a probe has found B well.
pub(super) async fn fail_fast(stage: &Stage) -> anyhow::Result<Row> {
    let mut scene = stage.scene(11, "fail-fast asks a probe, not users", Script::Failing).await?;
    without("each user waits for B to fail, or is the one to try it out.");
    let failed = [scene.get("/payment").await?, scene.get("/payment").await?];
    let refused = scene.get("/payment").await?;
    let spared = scene.requests_to_b();
    sleep(2 * SECOND).await;
    let probed = scene.get("/payment").await?;
    let requests = scene.requests_to_b();
    scene.b_plays(Script::Healthy).await?;
    sleep(2 * SECOND).await;
    let paid = scene.get("/payment").await?;

    scene.claim(failed.iter().all(|reply| reply.status == 502), "2 payments fail");
    scene.claim(refused.is_refused() && spared == 2, "the next is refused, and B not asked");
    let told = refused.retry_after.is_some_and(|wait| wait <= 2);
    scene.claim(told, "its caller is told when the next probe is due");
    scene.claim(probed.is_refused(), "a probe that fails costs nobody a payment");
    scene.claim(requests == 3, "only the probe has reached B");
    scene.claim(paid.status == 200, "once a probe has found B well, payments go through");
    let recovered = scene.decisions_where(|what| *what == What::Recovered).len();
    scene.claim(recovered == 1, "it recovered once");
    Ok(scene.end())
}
