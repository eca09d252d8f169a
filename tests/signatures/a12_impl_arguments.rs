//! `impl Trait` arguments which are not `Clone`.

use std::sync::Mutex;

use failsafe::{retry, timeout};

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

#[retry(max = 2)]
#[timeout("1s")]
async fn call(f: impl Fn(u32) -> u32 + Send + Sync) -> Result<u32, String> {
    tokio::task::yield_now().await;
    let run = RUNS.third()?;
    Ok(f(run))
}

#[tokio::test(start_paused = true)]
async fn are_borrowed() {
    let held = Mutex::new(1);
    assert_eq!(send(call(move |run| run + *held.lock().unwrap())).await, Ok(4));
}
