//! Expressions in attributes which mention `self` and arguments.

use failsafe::{fallback, retry, timeout};

use super::support::{Runs, send};

#[derive(Default)]
struct Service {
    default: String,
    runs: Runs,
    calls: u32,
}

impl Service {
    #[fallback(with = |_| Ok(self.default.clone()))]
    #[retry(max = 2)]
    async fn shared(&self) -> Result<String, String> {
        self.runs.count();
        Err("fails".into())
    }

    #[fallback(with = |_| Ok(self.default.clone()))]
    #[retry(max = 2)]
    async fn exclusive(&mut self) -> Result<String, String> {
        self.calls += 1;
        tokio::task::yield_now().await;
        Err("fails".into())
    }

    #[fallback(with = |_| Ok(default))]
    #[timeout("1s")]
    async fn argument(&self, default: String) -> Result<String, String> {
        tokio::task::yield_now().await;
        Err(format!("{default} {}", self.calls))
    }
}

#[tokio::test(start_paused = true)]
async fn are_still_there() {
    let mut service = Service { default: "d".into(), ..Service::default() };
    assert_eq!(send(service.shared()).await.unwrap(), "d");
    assert_eq!(service.runs.total(), 3);
    assert_eq!(send(service.exclusive()).await.unwrap(), "d");
    assert_eq!(service.calls, 3);
    assert_eq!(send(service.argument("a".into())).await.unwrap(), "a");
}
