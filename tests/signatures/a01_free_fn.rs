//! A free async fn.

use failsafe::{circuit_breaker, fallback, retry, timeout};

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

#[retry(max = 2)]
#[timeout("1s")]
async fn get(id: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    RUNS.third().map(|run| run + id)
}

#[fallback(with = |_| Ok(0))]
#[circuit_breaker(name = "a01", failures = 5)]
async fn fails() -> Result<u32, String> {
    Err("no".into())
}

#[tokio::test(start_paused = true)]
async fn runs_three_times() {
    assert_eq!(send(get(10)).await, Ok(13));
    assert_eq!(RUNS.total(), 3);
    assert_eq!(fails().await, Ok(0));
}
