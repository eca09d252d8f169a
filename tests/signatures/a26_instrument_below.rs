//! `#[tracing::instrument]` below and between.

use failsafe::{retry, timeout};

use super::support::{Runs, send};

#[derive(Default, Debug)]
struct Service(Runs);

impl Service {
    #[retry(max = 2)]
    #[timeout("1s")]
    #[tracing::instrument(skip(self))]
    async fn below(&self, token: String) -> Result<String, String> {
        tokio::task::yield_now().await;
        self.0.third().map(|run| token + &run.to_string())
    }

    #[retry(max = 2)]
    #[tracing::instrument]
    #[timeout("1s")]
    async fn between(&self, token: String) -> Result<String, String> {
        tokio::task::yield_now().await;
        self.0.third().map(|run| token + &run.to_string())
    }
}

#[tokio::test(start_paused = true)]
async fn runs_three_times() {
    assert_eq!(send(Service::default().below("t".into())).await.unwrap(), "t3");
    assert_eq!(send(Service::default().between("t".into())).await.unwrap(), "t3");
}
