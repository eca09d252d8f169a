//! `#[tracing::instrument]` above, and under `async_trait`.

use failsafe::{retry, timeout};

use super::support::{Runs, send};

#[derive(Default, Debug)]
struct Service(Runs);

impl Service {
    #[tracing::instrument(skip(self), err)]
    #[retry(max = 2)]
    #[timeout("1s")]
    async fn above(&self, token: String) -> Result<String, String> {
        tokio::task::yield_now().await;
        self.0.third().map(|run| token + &run.to_string())
    }
}

#[async_trait::async_trait]
trait Get {
    async fn get(&mut self, token: String) -> Result<String, String>;
}

#[async_trait::async_trait]
impl Get for Service {
    #[tracing::instrument(skip(self))]
    #[retry(max = 2)]
    #[timeout("1s")]
    async fn get(&mut self, token: String) -> Result<String, String> {
        tokio::task::yield_now().await;
        self.0.third().map(|run| token + &run.to_string())
    }
}

#[tokio::test(start_paused = true)]
async fn runs_three_times() {
    assert_eq!(send(Service::default().above("t".into())).await.unwrap(), "t3");
    assert_eq!(send(Service::default().get("t".into())).await.unwrap(), "t3");
}
