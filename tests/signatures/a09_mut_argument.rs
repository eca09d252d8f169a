//! `mut v: Vec`: each attempt starts with it fresh.

use failsafe::retry;

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

#[retry(max = 2)]
async fn grow(mut v: Vec<u32>) -> Result<Vec<u32>, String> {
    v.push(RUNS.count());
    tokio::task::yield_now().await;
    if RUNS.total() == 3 { Ok(v) } else { Err("early".into()) }
}

#[tokio::test(start_paused = true)]
async fn is_fresh() {
    assert_eq!(send(grow(vec![7])).await, Ok(vec![7, 3]));
}
