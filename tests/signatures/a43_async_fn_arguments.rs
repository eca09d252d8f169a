//! `AsyncFn` and `AsyncFnMut` arguments.

use failsafe::{retry, timeout};

use super::support::Runs;

#[retry(max = 2)]
#[timeout("1s")]
async fn shared(f: impl AsyncFn(u32) -> Result<u32, String>) -> Result<u32, String> {
    f(1).await
}

#[retry(max = 2)]
#[timeout("1s")]
async fn exclusive<F>(f: &mut F, add: u32) -> Result<u32, String>
where
    F: AsyncFnMut(u32) -> Result<u32, String>,
{
    f(add).await
}

#[tokio::test(start_paused = true)]
async fn are_called() {
    let runs = Runs::new();
    assert_eq!(shared(async |add| runs.third().map(|run| run + add)).await, Ok(4));
    let mut calls = 0;
    let mut f = async |add| {
        calls += 1;
        if calls == 3 { Ok(calls + add) } else { Err("early".to_owned()) }
    };
    assert_eq!(exclusive(&mut f, 1).await, Ok(4));
}
