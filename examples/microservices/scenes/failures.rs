//! B is slow, fails or is down: timeout, retry, circuit breaker and fallback.

use super::SECOND;
use super::stage::{Reply, Scene, Stage};
use crate::report::Row;
use crate::service_b::Script;
use failsafe::circuit_breaker::State::{Closed, HalfOpen, Open};
use failsafe::events::What;
use std::time::Duration;
use tokio::time::sleep;

/// B takes 5 s; A's timeout answers after 1 s.
pub(super) async fn slow(stage: &Stage) -> anyhow::Result<Row> {
    let mut scene = stage.scene(1, "timeout ends a slow call", Script::Slow).await?;
    let reply = scene.get("/with-timeout").await?;

    scene.claim(reply.status == 504, "A answers 504");
    scene.takes("the answer", reply.took, SECOND);
    let timeouts = scene.decisions_where(|what| *what == What::Timeout(SECOND)).len();
    scene.claim(timeouts == 1, "the timeout of 1s has passed once");
    Ok(scene.end())
}

/// Half of B's answers are a 503; A tries again after 1 s, 2 s and 4 s.
pub(super) async fn flaky(stage: &Stage) -> anyhow::Result<Row> {
    let mut scene = stage.scene(2, "retry with backoff gets through", Script::Flaky).await?;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(scene.get("/with-retry").await?.status);
    }

    scene.claim(statuses == [200; 3], "A answers 200 to each of 3 calls");
    scene.claim(scene.requests_to_b() == 6, "B got 6 requests, and half of them failed");
    let scheduled = scene.decisions_where(|what| matches!(what, What::RetryScheduled(_)));
    let retries = scene.decisions_where(|what| *what == What::Retry);
    scene.claim(scheduled.len() == 3 && retries.len() == 3, "A tried again 3 times");
    for ((scheduled, retry), seconds) in scheduled.iter().zip(&retries).zip([1, 2, 4]) {
        let delay = seconds * SECOND;
        let planned = scheduled.event.what == What::RetryScheduled(delay);
        scene.claim(planned, format!("a retry is scheduled in {delay:?}"));
        scene.takes("the wait", retry.at.saturating_sub(scheduled.at), delay);
    }
    Ok(scene.end())
}

/// B keeps failing; the breaker that two functions share stays open as long as B asks for.
pub(super) async fn outage(stage: &Stage) -> anyhow::Result<Row> {
    let mut scene = stage.scene(3, "shared breaker spares a sick B", Script::Outage).await?;
    for _ in 0..3 {
        scene.get("/with-breaker").await?;
    }
    let shared = scene.get("/farewell").await?;
    let trial = until_let_through(&mut scene).await?;
    let refused = scene.get("/farewell").await?;
    let recovered = until_let_through(&mut scene).await?;
    let last = scene.get("/farewell").await?;

    scene.claim(shared.is_refused(), "what opened for one function is open for the other");
    scene.claim(shared.retry_after == Some(2), "A passes the Retry-After of 2s on to its caller");
    scene.claim(trial.status == 502, "the first trial call fails");
    scene.claim(refused.retry_after == Some(3), "B's next Retry-After of 3s counts from there");
    let recovered = recovered.status == 200 && last.status == 200;
    scene.claim(recovered, "two successful trial calls, one of each function, close it");
    scene.claim(scene.requests_to_b() == 6, "B got 6 requests: none while the breaker was open");
    let changes = [(Closed, Open), (Open, HalfOpen), (HalfOpen, Open), (Open, HalfOpen)];
    scene.changes(&[&changes[..], &[(HalfOpen, Closed)]].concat());
    for (open, seconds) in scene.open_times().into_iter().zip([2, 3]) {
        scene.takes("the open time", open, seconds * SECOND);
    }
    Ok(scene.end())
}

/// Calls once a second until the breaker is not in the way.
async fn until_let_through(scene: &mut Scene<'_>) -> anyhow::Result<Reply> {
    /// Longer than any `Retry-After` in the script, shorter than the configured minute.
    const TRIES: u32 = 6;
    let mut tries = 0;
    loop {
        sleep(SECOND).await;
        let reply = scene.get("/with-breaker").await?;
        tries += 1;
        if !reply.is_refused() || tries == TRIES {
            return Ok(reply);
        }
    }
}

/// Nobody listens on B's port; the fallback answers.
pub(super) async fn down(stage: &Stage) -> anyhow::Result<Row> {
    let mut scene = stage.scene(4, "fallback answers while B is down", Script::Down).await?;
    let refused = scene.is_b_refusing().await;
    let reply = scene.get("/with-fallback").await?;

    scene.claim(refused, "B's port refuses connections");
    scene.claim(reply.status == 200, "A answers 200");
    scene.claim(reply.from == "fallback", "the answer is the fallback's");
    let fallbacks = scene.decisions_where(|what| matches!(what, What::Fallback { .. })).len();
    scene.claim(fallbacks == 1, "the fallback was asked once");
    Ok(scene.end())
}

/// All four policies on one function, each at work.
pub(super) async fn all_four(stage: &Stage) -> anyhow::Result<Row> {
    let mut scene = stage.scene(5, "all four on one function", Script::Trouble).await?;
    let first = scene.get("/greeting").await?;
    let order = scene.order_of_appearance();
    let second = scene.get("/greeting").await?;
    let requests = scene.requests_to_b();
    // The third attempt opened the breaker for 6 s, and the retry has waited 4 s since.
    sleep(2 * SECOND).await;
    let recovered = [scene.get("/greeting").await?, scene.get("/greeting").await?];

    let order_holds = order == ["timeout", "circuit_breaker", "retry", "fallback"];
    scene.claim(order_holds, format!("from the inside out: {}", order.join(", ")));
    let replies = [&first, &second, &recovered[0], &recovered[1]];
    scene.claim(replies.iter().all(|reply| reply.status == 200), "A answers 200, come what may");
    // Two attempts of 1 s each, one that fails at once, and 1 s, 2 s and 4 s between four attempts.
    scene.takes("the first answer", first.took, 9 * SECOND);
    scene.claim(first.from == "fallback", "it is the fallback's");
    let timeouts = scene.decisions_where(|what| *what == What::Timeout(SECOND)).len();
    scene.claim(timeouts == 2, "2 attempts ran into the timeout");
    let aborted = scene.decisions_where(|what| *what == What::Abort).len();
    scene.claim(aborted == 2, "the retry gives up at once when the breaker is open");
    scene.takes("the second answer", second.took, Duration::ZERO);
    scene.claim(requests == 3, "neither it nor the fourth attempt bothers B");
    let from_b = recovered.iter().all(|reply| reply.from == "B");
    scene.claim(from_b, "when the breaker lets calls through again, B answers");
    scene.changes(&[(Closed, Open), (Open, HalfOpen), (HalfOpen, Closed)]);
    for open in scene.open_times() {
        scene.takes("the open time", open, 6 * SECOND);
    }
    Ok(scene.end())
}
