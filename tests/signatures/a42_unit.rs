//! `Result<(), E>`, a `mut` argument, and no new warning.
#![deny(warnings)]

use failsafe::{retry, timeout};

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

#[retry(max = 2)]
#[timeout("1s")]
async fn put(mut text: String, mut count: u32, (a, mut b): (u32, u32)) -> Result<(), String> {
    text.push('x');
    count += 1;
    b += a + count;
    tokio::task::yield_now().await;
    assert_eq!((text.as_str(), b), ("tx", 4));
    RUNS.third()?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn runs_three_times() {
    assert_eq!(send(put("t".into(), 0, (1, 2))).await, Ok(()));
    assert_eq!(RUNS.total(), 3);
}
