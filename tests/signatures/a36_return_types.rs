//! `Option`, an alias, anyhow, io, `Box<dyn Error>`, `String`.

use std::error::Error;

use failsafe::{circuit_breaker, retry, timeout};

use super::support::{Runs, send};

type Res<T> = Result<T, String>;

static RUNS: [Runs; 5] = [const { Runs::new() }; 5];

#[retry(max = 2)]
#[timeout("1s")]
async fn option() -> Option<u32> {
    RUNS[0].third().ok()
}

#[retry(max = 2)]
#[timeout("1s")]
async fn alias() -> Res<u32> {
    RUNS[1].third()
}

#[retry(max = 2)]
#[timeout("1s")]
async fn any() -> anyhow::Result<u32> {
    RUNS[2].third().map_err(anyhow::Error::msg)
}

#[retry(max = 2)]
#[circuit_breaker(name = "a36", failures = 5)]
async fn io() -> std::io::Result<u32> {
    RUNS[3].third().map_err(std::io::Error::other)
}

#[retry(max = 2)]
#[timeout("1s")]
async fn boxed() -> Result<u32, Box<dyn Error + Send + Sync>> {
    Ok(RUNS[4].third()?)
}

#[tokio::test(start_paused = true)]
async fn all_retry() {
    assert_eq!(send(option()).await, Some(3));
    assert_eq!(send(alias()).await, Ok(3));
    assert_eq!(send(any()).await.unwrap(), 3);
    assert_eq!(send(io()).await.unwrap(), 3);
    assert_eq!(send(boxed()).await.unwrap(), 3);
}
