//! More calls than B can take: bulkhead and adaptive limiter.

use super::crowd::{numbered, with_status};
use super::stage::{Scene, Stage, without};
use crate::report::Row;
use crate::service_b::Script;
use failsafe::events::What;

/// Reports hang; they take five places and no more.
pub(super) async fn bulkhead(stage: &Stage) -> anyhow::Result<Row> {
    let mut scene = stage.scene(6, "bulkhead keeps hanging calls few", Script::Stuck).await?;
    without("ten hanging reports hold ten connections, and soon all there are.");
    let mut crowd = scene.send("GET /report, 10 at once", numbered("/report", 10));
    // Five calls have no answer before B is well, so the first five answers are the refusals.
    let refused = crowd.next(5).await?;
    // The permits are given out, but the requests may still be on their way.
    scene.until(|scene| scene.requests_to_b() == 3).await;
    crowd.tell(&refused);
    let reports = failsafe::registry().bulkhead("reports");
    let places = reports.map(|reports| (reports.in_flight(), reports.waiting()));
    let at_b = scene.requests_to_b();
    let other = scene.get("/with-timeout").await?;
    scene.b_plays(Script::Healthy).await?;
    let answered = crowd.rest().await?;

    scene.claim(with_status(&refused, 503) == 5, "5 of 10 reports are refused, with 503");
    scene.claim(places == Some((3, 2)), "3 run and 2 wait");
    scene.claim(at_b == 3, "B has 3 of them, not 10");
    scene.claim(other.status == 200, "what is no report is answered meanwhile");
    scene.claim(with_status(&answered, 200) == 5, "when B is well again, all 5 are answered");
    Ok(scene.end())
}

/// B becomes eight times slower, and A sends it fewer calls at a time.
pub(super) async fn adaptive_limiter(stage: &Stage) -> anyhow::Result<Row> {
    let limit = || failsafe::registry().adaptive_limiter("searches").map_or(0, |it| it.limit());
    let mut scene = stage.scene(7, "limiter finds what B can take", Script::Brisk).await?;
    without("24 callers make a B that is slow already slower still.");
    let mut replies = scene.keep_calling("/search", 6, || limit() >= 12).await?;
    let risen = limit();
    scene.b_plays(Script::Overloaded).await?;
    scene.does("", "one slow moment is nothing: several in a row have to be slow");
    replies.extend(scene.keep_calling("/search", 24, || limit() <= 9).await?);
    let fallen = limit();

    scene.claim(risen >= 12, format!("while B is fast, the limit rises from 8 to {risen}"));
    scene.claim(fallen <= 9, format!("when B is slow, it falls to {fallen}"));
    let refused = with_status(&replies, 503);
    scene.claim(refused > 0, "what is beyond it is refused, with 503");
    let answered = with_status(&replies, 200);
    scene.claim(refused + answered == replies.len(), "all else is answered");
    scene.claim(scene.requests_to_b() == answered, "B does not notice what was refused");
    let (highest, most) = (highest(&scene), scene.most_at_b());
    let within = u32::try_from(most).is_ok_and(|most| most <= highest);
    scene.claim(
        within,
        format!(
            "of 24 callers {most} are with B at a time at the most; the highest limit is {highest}"
        ),
    );
    Ok(scene.end())
}

/// The highest limit there was.
fn highest(scene: &Scene<'_>) -> u32 {
    let changes = scene.decisions_where(|what| matches!(what, What::LimitChanged { .. }));
    let limits = changes.iter().filter_map(|change| match change.event.what {
        What::LimitChanged { from, to } => Some(from.max(to)),
        _ => None,
    });
    limits.max().unwrap_or_default()
}
