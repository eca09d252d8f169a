//! `self: Arc<Self>`, consumed.

use std::sync::Arc;

use failsafe::{retry, timeout};

use super::support::Runs;

#[derive(Default)]
struct Service(Runs);

impl Service {
    #[retry(max = 2)]
    #[timeout("1s")]
    async fn run(self: Arc<Self>) -> Result<u32, String> {
        tokio::spawn(async move { self.0.third() }).await.map_err(|error| error.to_string())?
    }
}

#[tokio::test(start_paused = true)]
async fn consumes_the_arc() {
    let service = Arc::new(Service::default());
    assert_eq!(tokio::spawn(Arc::clone(&service).run()).await.unwrap(), Ok(3));
    assert_eq!(service.0.total(), 3);
}
