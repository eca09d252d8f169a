//! Async recursion, spawned.

use failsafe::{retry, timeout};

use super::support::Runs;

static RUNS: Runs = Runs::new();

#[retry(max = 1)]
#[timeout("1s")]
async fn sum(n: u32) -> Result<u32, String> {
    RUNS.count();
    if n == 0 {
        return Ok(0);
    }
    Box::pin(sum(n - 1)).await.map(|rest| rest + n)
}

#[tokio::test(start_paused = true)]
async fn is_send() {
    assert_eq!(tokio::spawn(sum(4)).await.unwrap(), Ok(10));
    assert_eq!(RUNS.total(), 5);
}
