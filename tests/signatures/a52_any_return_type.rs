//! A plain `T` and `impl Trait` under a fallback, and a type with an outcome of its own.

use failsafe::{Outcome, Reject, Rejected, fallback, retry, timeout};

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

#[fallback(with = |_| 7)]
#[timeout("10ms")]
async fn plain(wait: u64) -> u32 {
    tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
    1
}

#[fallback(with = |_| "late".to_owned())]
#[timeout("10ms")]
async fn opaque(wait: u64) -> impl AsRef<str> {
    tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
    String::from("in time")
}

#[derive(Debug, PartialEq)]
struct Response(u16);

impl Outcome for Response {
    fn is_failure(&self) -> bool {
        self.0 >= 500
    }
}

impl Reject for Response {
    fn reject(_: Rejected) -> Self {
        Self(503)
    }
}

#[retry(max = 2)]
#[timeout("1s")]
async fn respond() -> Response {
    Response(if RUNS.third().is_ok() { 200 } else { 500 })
}

#[tokio::test(start_paused = true)]
async fn any_type() {
    assert_eq!((send(plain(1)).await, send(plain(20)).await), (1, 7));
    assert_eq!(send(opaque(1)).await.as_ref(), "in time");
    assert_eq!(send(opaque(20)).await.as_ref(), "late");
    assert_eq!(send(respond()).await, Response(200));
}
