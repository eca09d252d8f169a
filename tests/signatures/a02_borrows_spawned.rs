//! `&self`, `&str`, `Option<&str>`, spawned from an `Arc`.

use std::sync::Arc;

use failsafe::{circuit_breaker, retry, timeout};

use super::support::Runs;

#[derive(Default)]
struct Service {
    base: String,
    runs: Runs,
}

impl Service {
    #[retry(max = 2)]
    #[circuit_breaker(name = "a02", failures = 5)]
    #[timeout("1s")]
    async fn get(&self, path: &str, query: Option<&str>) -> Result<String, String> {
        tokio::task::yield_now().await;
        let run = self.runs.third()?;
        Ok(format!("{}{path}?{}{run}", self.base, query.unwrap_or("none")))
    }
}

#[tokio::test(start_paused = true)]
async fn is_send() {
    let service = Arc::new(Service { base: "http://".into(), ..Service::default() });
    let task = tokio::spawn({
        let service = Arc::clone(&service);
        async move {
            let path = String::from("x");
            service.get(&path, Some("q")).await
        }
    });
    assert_eq!(task.await.unwrap().unwrap(), "http://x?q3");
    assert_eq!(service.runs.total(), 3);
}
