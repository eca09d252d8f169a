//! `#[async_trait]`: an implementation and a default method.

use std::sync::Arc;

use failsafe::{circuit_breaker, retry, timeout};

use super::support::Runs;

#[async_trait::async_trait]
trait Store: Send + Sync {
    fn runs(&self) -> &Runs;

    async fn get(&self, key: &str, token: String) -> Result<String, String>;

    #[retry(max = 2)]
    #[timeout("1s")]
    async fn default_get(&self, key: &str) -> Result<String, String> {
        self.runs().third().map(|run| format!("{key}{run}"))
    }
}

#[derive(Default)]
struct Memory(Runs);

#[async_trait::async_trait]
impl Store for Memory {
    fn runs(&self) -> &Runs {
        &self.0
    }

    #[retry(max = 2)]
    #[circuit_breaker(name = "a21", failures = 5)]
    #[timeout("1s")]
    async fn get(&self, key: &str, token: String) -> Result<String, String> {
        tokio::task::yield_now().await;
        let run = self.0.third()?;
        let token = token;
        Ok(token + key + &run.to_string())
    }
}

#[tokio::test(start_paused = true)]
async fn through_a_trait_object() {
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    let task = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.get("key", "token".into()).await }
    });
    assert_eq!(task.await.unwrap().unwrap(), "tokenkey3");
    assert_eq!(store.runs().total(), 3);
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    assert_eq!(store.default_get("d").await.unwrap(), "d3");
}
