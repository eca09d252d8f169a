//! Conditions as patterns, paths and closures; backoff literals.

use failsafe::retry;

use super::support::{Runs, send};

static RUNS: [Runs; 3] = [const { Runs::new() }; 3];

fn is_odd(outcome: &Result<u32, String>) -> bool {
    outcome.as_ref().is_ok_and(|n| n % 2 == 1)
}

#[retry(max = 5, handle_if = is_odd)]
async fn path() -> Result<u32, String> {
    Ok(RUNS[0].count())
}

#[retry(max = 5, backoff = 1ms..2ms, handle_if = |outcome| *outcome != Some(limit))]
async fn closure(limit: u32) -> Option<u32> {
    Some(RUNS[1].count())
}

#[retry(max = 5, handle(Err(text) if text == "run 1"))]
async fn pattern() -> Result<u32, String> {
    RUNS[2].third()
}

#[tokio::test(start_paused = true)]
async fn decide() {
    assert_eq!(send(path()).await, Ok(2));
    assert_eq!(send(closure(4)).await, Some(4));
    assert_eq!(send(pattern()).await.unwrap_err(), "run 2");
}
