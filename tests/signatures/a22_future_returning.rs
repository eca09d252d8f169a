//! `-> impl Future + Send` and `-> Pin<Box<dyn Future>>`.

use std::pin::Pin;

use failsafe::{retry, timeout};

use super::support::{Runs, send};

#[derive(Default)]
struct Service(Runs);

impl Service {
    #[retry(max = 2)]
    #[timeout("1s")]
    fn opaque(&self, add: u32) -> impl Future<Output = Result<u32, String>> + Send {
        async move {
            tokio::task::yield_now().await;
            self.0.third().map(|run| run + add)
        }
    }

    #[retry(max = 2)]
    #[timeout("1s")]
    fn boxed<'a>(
        &'a self,
        token: String,
    ) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.third().map(|run| token + &run.to_string())
        })
    }

    #[retry(max = 2)]
    fn passed_on(&self) -> Pin<Box<dyn Future<Output = Result<u32, String>> + Send + '_>> {
        Box::pin(self.inner())
    }

    async fn inner(&self) -> Result<u32, String> {
        tokio::task::yield_now().await;
        self.0.third()
    }
}

#[tokio::test(start_paused = true)]
async fn run_in_the_future() {
    assert_eq!(send(Service::default().opaque(1)).await, Ok(4));
    assert_eq!(send(Service::default().boxed("t".into())).await.unwrap(), "t3");
    assert_eq!(send(Service::default().passed_on()).await, Ok(3));
}
