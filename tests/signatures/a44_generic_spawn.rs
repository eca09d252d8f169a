//! A generic `S: Store` whose methods promise `Send`, spawned by value.

use failsafe::{retry, timeout};

use super::support::Runs;

trait Store: Send + Sync + 'static {
    fn get(&self, key: &str) -> impl Future<Output = Result<u32, String>> + Send;
}

#[derive(Default)]
struct Memory(Runs);

impl Store for Memory {
    #[retry(max = 2)]
    async fn get(&self, key: &str) -> Result<u32, String> {
        tokio::task::yield_now().await;
        self.0.third().map(|run| run + u32::from(key.is_empty()))
    }
}

struct Client<S>(S);

impl<S: Store> Client<S> {
    #[retry(max = 1)]
    #[timeout("1s")]
    async fn load(&self, key: &str) -> Result<u32, String> {
        self.0.get(key).await
    }

    async fn start(self) -> Result<u32, String> {
        let task = tokio::spawn(async move { self.load("").await });
        task.await.map_err(|error| error.to_string())?
    }
}

#[tokio::test(start_paused = true)]
async fn is_send() {
    assert_eq!(Client(Memory::default()).start().await, Ok(4));
}
