//! All four policies.

use failsafe::{circuit_breaker, fallback, retry, timeout};

use super::support::{Runs, send};

#[derive(Default)]
struct Service(Runs);

impl Service {
    #[fallback(with = |_| Ok("fallback".to_owned()))]
    #[retry(max = 2)]
    #[circuit_breaker(name = "a31", failures = 5)]
    #[timeout("1s")]
    async fn get(&self, name: &str, token: String, fails: bool) -> Result<String, String> {
        drop(token);
        tokio::task::yield_now().await;
        let run = self.0.third()?;
        if fails { Err("fails".into()) } else { Ok(format!("{name}{run}")) }
    }
}

#[tokio::test(start_paused = true)]
async fn nest() {
    let service = Service::default();
    assert_eq!(send(service.get("n", "t".into(), false)).await.unwrap(), "n3");
    let service = Service::default();
    assert_eq!(send(service.get("n", "t".into(), true)).await.unwrap(), "fallback");
    assert_eq!(service.0.total(), 3);
}
