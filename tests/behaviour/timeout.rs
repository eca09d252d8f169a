//! When a timeout ends a call, and what becomes of the body.

use std::time::Duration;

use failsafe::{Kind, Rejected, Timeout, circuit_breaker, fallback, retry, timeout};
use tokio::time::Instant;

use crate::support::*;

#[timeout("1s")]
async fn one_second(body: &Body) -> Res {
    body.run().await
}

#[timeout("2s")]
async fn two_seconds(body: &Body) -> Res {
    body.run().await
}

const HALF: Duration = ms(500);

#[timeout(HALF)]
async fn half_a_second(body: &Body) -> Res {
    body.run().await
}

#[timeout(2500ms)]
async fn literal(body: &Body) -> Res {
    body.run().await
}

/// The outcome, how long the call took, and how many runs came to their end.
macro_rules! timed {
    ($function:ident, $script:literal, $millis:expr) => {{
        let begun = Instant::now();
        let body = Body::taking($script, ms($millis));
        (($function)(&body).await, begun.elapsed().as_millis(), body.ended())
    }};
}

// TO-01 to TO-05, TO-14; GO Timeout: no expiry. The call ends at the deadline to the millisecond, the body with it; a
// body that fails at once fails at once; one that is ready at the deadline has won.
#[tokio::test(start_paused = true)]
async fn the_call_ends_at_the_deadline_and_the_body_with_it() {
    assert_eq!(timed!(one_second, "S", 20_000), (TIMED_OUT, 1_000, 0));
    assert_eq!(timed!(one_second, "F", 0), (DOWN, 0, 1));
    assert_eq!(timed!(two_seconds, "S", 2_500), (TIMED_OUT, 2_000, 0));
    assert_eq!(timed!(two_seconds, "S", 1_500), (Ok(1), 1_500, 1));
    assert_eq!(timed!(half_a_second, "S", 1_000), (TIMED_OUT, 500, 0));
    assert_eq!(timed!(half_a_second, "S", 10), (Ok(1), 10, 1));
    assert_eq!(timed!(literal, "S", 2_600), (TIMED_OUT, 2_500, 0));
    assert_eq!(timed!(two_seconds, "S", 1_999), (Ok(1), 1_999, 1));
    assert_eq!(timed!(two_seconds, "S", 2_000), (Ok(1), 2_000, 1));
    assert_eq!(timed!(two_seconds, "S", 2_001), (TIMED_OUT, 2_000, 0));
}

struct Service;

impl Service {
    #[timeout("100ms")]
    async fn short(&self, body: &Body) -> Res {
        body.run().await
    }

    #[timeout("300ms")]
    async fn long(&self, body: &Body) -> Res {
        body.run().await
    }
}

// TO-06: each method has its own limit, shorter or longer.
#[tokio::test(start_paused = true)]
async fn each_method_has_its_own_limit() {
    assert_eq!(Service.short(&Body::taking("S", ms(200))).await, TIMED_OUT);
    assert_eq!(Service.long(&Body::taking("S", ms(200))).await, Ok(1));
}

/// Notes when it is dropped, and whether it had finished.
struct Watched<'a>(&'a Notes, bool);

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.0.add(if self.1 { "finished" } else { "dropped" });
    }
}

#[timeout("100ms", on_timeout = |event| notes.add(format!("timeout after {:?}", event.limit())))]
async fn watched(notes: &Notes, takes: u64) -> Res {
    let mut watched = Watched(notes, false);
    pass(takes).await;
    watched.1 = true;
    Ok(1)
}

// GO Timeout: the listener is called before what is inside is dropped; one event for each expiry, none without.
#[tokio::test(start_paused = true)]
async fn on_timeout_is_called_before_the_body_is_dropped() {
    let notes = Notes::new();
    assert_eq!(watched(&notes, 1_000).await, TIMED_OUT);
    assert_eq!(notes.take(), ["timeout after 100ms", "dropped"]);
    assert_eq!(watched(&notes, 10).await, Ok(1));
    assert_eq!(notes.take(), ["finished"]);
}

#[timeout("1s")]
async fn rejected() -> Result<(), Rejected> {
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn the_rejection_names_the_timeout() {
    let rejected = rejected().await.unwrap_err();
    assert_eq!(rejected.kind(), Kind::Timeout);
    assert_eq!(rejected.policy(), "behaviour::behaviour::timeout::rejected");
    assert_eq!(rejected.retry_after(), None);
}

#[timeout("1s")]
async fn spawns(gate: std::sync::Arc<tokio::sync::Semaphore>) -> Res {
    let task = tokio::spawn(async move { gate.acquire().await.map(|_| 1) });
    task.await.unwrap().map_err(|_| Error::Down)
}

// TO-08, TO-09: what the body started elsewhere is not stopped: only what it awaits is dropped.
#[tokio::test(start_paused = true)]
async fn what_runs_on_another_task_runs_on() {
    let gate = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
    assert_eq!(spawns(gate.clone()).await, TIMED_OUT);
    assert_eq!(std::sync::Arc::strong_count(&gate), 2);
    gate.add_permits(1);
    pass(1).await;
    assert_eq!(std::sync::Arc::strong_count(&gate), 1);
}

#[retry(max = 2)]
#[timeout("100ms")]
async fn retried(body: &Body) -> Res {
    body.run().await
}

// TO-12: three runs, each with the whole time.
#[tokio::test(start_paused = true)]
async fn each_attempt_has_the_whole_time() {
    assert_eq!(timed!(retried, "S", 1_000), (TIMED_OUT, 300, 0));
}

#[fallback(value = Ok(0))]
#[timeout("100ms")]
async fn answered(body: &Body) -> Res {
    body.run().await
}

// TO-13: the fallback answers at the deadline.
#[tokio::test(start_paused = true)]
async fn a_fallback_answers_at_the_deadline() {
    assert_eq!(timed!(answered, "S", 1_000), (Ok(0), 100, 0));
}

#[retry(max = 1)]
#[timeout("500ms")]
async fn once_more(body: &Body) -> Res {
    body.run().await
}

#[retry(max = 1, handle_rejected(Kind::BulkheadFull))]
#[timeout("500ms")]
async fn other_rejections(body: &Body) -> Res {
    body.run().await
}

#[retry(max = 1, abort_rejected(Kind::Timeout))]
#[timeout("500ms")]
async fn aborts(body: &Body) -> Res {
    body.run().await
}

// RT-22: two runs, by timeout or by failure. RT-23, RT-24: one run if it is not handled, or aborts.
#[tokio::test(start_paused = true)]
async fn timeouts_are_retried_unless_conditions_say_otherwise() {
    assert_eq!(timed!(once_more, "S", 1_000), (TIMED_OUT, 1_000, 0));
    assert_eq!(timed!(once_more, "F", 10), (DOWN, 20, 2));
    assert_eq!(timed!(other_rejections, "S", 1_000), (TIMED_OUT, 500, 0));
    assert_eq!(timed!(aborts, "S", 1_000), (TIMED_OUT, 500, 0));
}

#[timeout("100ms")]
async fn busy(runs: &std::sync::atomic::AtomicU32) -> Res {
    loop {
        runs.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        tokio::task::coop::consume_budget().await;
    }
}

#[timeout("100ms")]
#[retry(max = unlimited)]
async fn retries_for_ever(body: &Body) -> Res {
    body.run().await
}

#[timeout("100ms")]
#[retry(max = unlimited)]
#[circuit_breaker(name = "timeout: for ever")]
async fn refused_for_ever(body: &Body) -> Res {
    body.run().await
}

/// Whether a task ends soon after its deadline, though it never waits for anything.
async fn ends<T: 'static>(task: tokio::task::JoinHandle<T>) -> bool {
    tokio::task::yield_now().await;
    tokio::time::advance(ms(150)).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let ended = task.is_finished();
    task.abort();
    ended
}

// A body that is always ready uses up its task's share at each poll; the limit holds all the same. So does it around a
// retry without delay and without end.
#[tokio::test(start_paused = true)]
async fn a_body_that_never_waits_is_stopped_too() {
    static RUNS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    assert!(ends(tokio::spawn(busy(&RUNS))).await, "busy");
    let retries = async { retries_for_ever(&Body::new("F")).await };
    assert!(ends(tokio::spawn(retries)).await, "retries");
    let refused =
        failsafe::Registry::new().scope(async { refused_for_ever(&Body::new("F")).await });
    assert!(ends(tokio::spawn(refused)).await, "refused");
}

// The same through a builder.
#[tokio::test(start_paused = true)]
async fn a_built_timeout_does_as_the_attribute() {
    static NOTES: Notes = Notes::new();
    let timeout =
        Timeout::builder("100ms").on_timeout(|event| NOTES.add(event.name())).name("built");
    let guarded = failsafe::with(timeout.build());
    let (slow, quick) = (Body::taking("S", ms(101)), Body::taking("S", ms(100)));
    assert_eq!(guarded.run(|| slow.run()).await, TIMED_OUT);
    assert_eq!(guarded.run(|| quick.run()).await, Ok(1));
    assert_eq!(NOTES.take(), ["built"]);
}
