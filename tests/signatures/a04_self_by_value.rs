//! `self` by value, destructured in the body.

use failsafe::retry;

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

#[derive(Clone)]
struct Job {
    name: String,
    size: u32,
}

impl Job {
    #[retry(max = 2)]
    async fn run(self) -> Result<String, String> {
        let Self { name, size } = self;
        tokio::task::yield_now().await;
        RUNS.third().map(|run| name + &(run + size).to_string())
    }
}

#[tokio::test(start_paused = true)]
async fn clones_what_is_consumed() {
    assert_eq!(send(Job { name: "n".into(), size: 1 }.run()).await.unwrap(), "n4");
    assert_eq!(RUNS.total(), 3);
}
