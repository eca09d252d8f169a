//! A recursive fn which boxes itself.

use std::pin::Pin;

use failsafe::{retry, timeout};

use super::support::Runs;

static RUNS: Runs = Runs::new();

#[retry(max = 1)]
#[timeout("1s")]
fn sum(n: u32) -> Pin<Box<dyn Future<Output = Result<u32, String>> + Send>> {
    Box::pin(async move {
        RUNS.count();
        if n == 0 {
            return Ok(0);
        }
        Ok(sum(n - 1).await? + n)
    })
}

#[tokio::test(start_paused = true)]
async fn is_send() {
    assert_eq!(tokio::spawn(sum(4)).await.unwrap(), Ok(10));
    assert_eq!(RUNS.total(), 5);
}
