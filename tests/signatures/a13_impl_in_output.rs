//! `Result<impl Iterator, E>`.

use failsafe::{retry, timeout};

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

#[retry(max = 2)]
#[timeout("1s")]
async fn numbers(to: u32) -> Result<impl Iterator<Item = u32>, String> {
    tokio::task::yield_now().await;
    RUNS.third().map(|run| (run..to).map(|n| n * 2))
}

#[retry(max = 2)]
fn blocking(to: u32) -> Result<impl Iterator<Item = u32>, String> {
    Ok::<_, String>(0..to)
}

#[tokio::test(start_paused = true)]
async fn is_inferred() {
    let numbers: Vec<_> = send(numbers(5)).await.unwrap().collect();
    assert_eq!(numbers, [6, 8]);
    assert_eq!(blocking(3).unwrap().count(), 3);
}
