//! A hedge, whose attempts run at the same time: under `#[async_trait]`, in generic code, over and under other policies.

use std::sync::Arc;

use failsafe::{circuit_breaker, fallback, hedge, retry, timeout};

use super::support::Runs;

#[async_trait::async_trait]
trait Store: Send + Sync {
    fn runs(&self) -> &Runs;

    async fn get(&self, key: &str, token: String) -> Result<String, String>;

    #[hedge("1s", max = 2)]
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

    #[fallback(with = |_| Ok(format!("no {key}")))]
    #[timeout("10s")]
    #[retry(max = 2)]
    #[hedge("1s", max = 2, cancel_if = |found| found.as_ref().is_ok_and(|found| found.contains(key)))]
    #[circuit_breaker(name = "a54", failures = 5)]
    #[timeout("1s")]
    async fn get(&self, key: &str, token: String) -> Result<String, String> {
        tokio::task::yield_now().await;
        let run = self.0.third()?;
        let token = token;
        Ok(token + key + &run.to_string())
    }
}

#[tokio::test(start_paused = true)]
async fn under_async_trait() {
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    let task = tokio::spawn(async move {
        let first = store.get("k", "t".to_owned()).await;
        (first, store.runs().third().is_ok())
    });
    assert_eq!(task.await.unwrap().0, Ok("tk3".to_owned()));
    let store: Box<dyn Store> = Box::<Memory>::default();
    assert_eq!(store.default_get("k").await, Ok("k3".to_owned()));
}

#[hedge("1s", max = 2)]
async fn generic<T, F, E>(runs: &Runs, item: T, make: F) -> Result<(T, u32), E>
where
    T: Clone,
    F: Fn(String) -> E + Clone,
{
    let run = runs.third().map_err(make)?;
    Ok((item, run))
}

#[tokio::test(start_paused = true)]
async fn generic_code() {
    let runs = Arc::new(Runs::default());
    let shared = Arc::clone(&runs);
    let task = tokio::spawn(async move { generic(&shared, vec![7], |text| text).await });
    assert_eq!(task.await.unwrap(), Ok((vec![7], 3)));
}
