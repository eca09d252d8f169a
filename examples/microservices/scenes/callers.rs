//! One caller wants too much: a rate limit for each of them.

use super::crowd::{numbered, with_status};
use super::stage::{Reply, Stage, without};
use crate::report::Row;
use crate::service_b::Script;

/// One caller sends 20 orders at once, three others two each.
pub(super) async fn rate_limiter(stage: &Stage) -> anyhow::Result<Row> {
    let mut scene = stage.scene(9, "rate limit of each caller", Script::Healthy).await?;
    without("greedy takes what is there for everybody.");
    let polite = ["/order/ann", "/order/bob", "/order/eve"];
    let orders = numbered("/order/greedy", 20)
        .chain(polite.into_iter().flat_map(|caller| numbered(caller, 2)));
    let shown = "GET /order: 20 of greedy, 2 each of ann, bob and eve, at once";
    let replies = scene.send(shown, orders).rest().await?;
    let (greedy, polite): (Vec<_>, Vec<_>) =
        replies.into_iter().partition(|reply: &Reply| reply.path.starts_with("/order/greedy/"));

    scene.claim(with_status(&greedy, 200) == 5, "greedy has the 5 orders of its minute");
    scene.claim(with_status(&greedy, 429) == 15, "the other 15 are refused, with 429");
    let mut refused = greedy.iter().filter(|reply| reply.status == 429);
    let told = refused.all(|reply| reply.retry_after.is_some_and(|wait| wait <= 60));
    scene.claim(told, "and greedy is told when to come back");
    scene.claim(with_status(&polite, 200) == 6, "ann, bob and eve have all their orders");
    scene.claim(scene.requests_to_b() == 11, "B gets 11 requests of 26");
    Ok(scene.end())
}
