//! A `String` which the body consumes.

use failsafe::{retry, timeout};

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

#[retry(max = 2)]
#[timeout("1s")]
async fn take(token: String) -> Result<usize, String> {
    let bytes = token.into_bytes();
    tokio::task::yield_now().await;
    RUNS.third().map(|_| bytes.len())
}

#[tokio::test(start_paused = true)]
async fn clones_it_per_attempt() {
    assert_eq!(send(take("four".into())).await, Ok(4));
    assert_eq!(RUNS.total(), 3);
}
