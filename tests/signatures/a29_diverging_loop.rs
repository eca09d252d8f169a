//! A body which is an endless loop.
#![deny(warnings)]

use failsafe::{retry, timeout};

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

#[retry(max = 2)]
#[timeout("10ms")]
async fn forever() -> Result<u32, String> {
    RUNS.count();
    loop {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

#[retry(max = 2)]
async fn until() -> Result<u32, String> {
    loop {
        if RUNS.total() == 3 {
            return Ok(3);
        }
        RUNS.count();
    }
}

#[tokio::test(start_paused = true)]
async fn times_out_three_times() {
    assert!(send(forever()).await.is_err());
    assert_eq!(RUNS.total(), 3);
    assert_eq!(send(until()).await, Ok(3));
}
