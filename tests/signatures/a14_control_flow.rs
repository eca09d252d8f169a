//! `?`, `return`, `break 'label`, `continue`.

use failsafe::{retry, timeout};

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

#[retry(max = 2)]
#[timeout("1s")]
async fn flow(input: &str) -> Result<u32, String> {
    let number: u32 = input.parse().map_err(|_| "not a number".to_owned())?;
    let run = RUNS.third()?;
    let mut sum = 0;
    'outer: loop {
        for n in 0..10 {
            tokio::task::yield_now().await;
            if n % 2 == 0 {
                continue;
            }
            sum += n;
            if sum > 8 {
                break 'outer;
            }
        }
    }
    if number == 1 {
        return Ok(run + sum);
    }
    Err("other".into())
}

#[tokio::test(start_paused = true)]
async fn stays_in_the_body() {
    assert_eq!(send(flow("1")).await, Ok(12));
    assert_eq!(flow("x").await.unwrap_err(), "not a number");
}
