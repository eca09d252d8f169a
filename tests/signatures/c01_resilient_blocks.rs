//! `#[resilient(..)]` on an `impl` block, a module, and an `async_trait` implementation from above and from below.

use std::sync::Arc;

use failsafe::{Rejected, resilient, retry};

use super::support::{Runs, send};

#[derive(Default)]
struct Client {
    runs: Runs,
    calls: u32,
}

#[resilient(retry(max = 2), circuit_breaker(failures = 9), timeout("1s"))]
impl Client {
    const NAMES: [&'static str; 2] = { ["a", "b"] };
    const MAX: u32 = 9;

    /// No constructor has a place for a rejection; this one does not wait, so it is left alone.
    const fn new() -> Self {
        Self { runs: Runs::new(), calls: 0 }
    }

    fn name(&self) -> &'static str {
        Self::NAMES[self.calls as usize]
    }

    /// Documented.
    #[tracing::instrument(skip(self))]
    async fn shared(&self, key: &str) -> Result<String, String> {
        tokio::task::yield_now().await;
        self.runs.third().map(|run| format!("{key}{run}"))
    }

    async fn exclusive(&mut self, used: String) -> Result<u32, String> {
        self.calls += 1;
        if self.calls == 3 { Ok(Self::MAX) } else { Err(used) }
    }

    #[resilient(skip)]
    async fn plain(&self) -> u32 {
        tokio::task::yield_now().await;
        self.runs.count()
    }

    #[retry(max = 1)]
    fn own(&self) -> Result<u32, String> {
        self.runs.third()
    }

    #[resilient(skip(timeout))]
    fn blocking(&self) -> Result<u32, String> {
        self.runs.third()
    }

    fn future(&self) -> impl Future<Output = Result<u32, String>> + Send {
        async move { self.runs.third() }
    }
}

#[resilient(retry(max = 2), timeout("1s"))]
mod module {
    #![allow(dead_code, reason = "an attribute of the module")]
    use super::*;

    pub(super) static RUNS: Runs = Runs::new();

    #[derive(Default)]
    pub(super) struct Other<const N: usize = { 1 + 1 }> {
        pub(super) runs: Runs,
    }

    impl Other<{ 1 + 1 }> {
        pub(super) async fn get(&self) -> Result<u32, String> {
            self.runs.third()
        }
    }

    pub(super) async fn free() -> Result<u32, String> {
        RUNS.third()
    }

    pub(super) mod nested {
        use super::*;

        pub(in super::super) async fn free(runs: &Runs) -> Result<u32, String> {
            runs.third()
        }
    }

    #[resilient(timeout("1s"))]
    impl<const N: usize> Other<N> {
        pub(super) async fn once(&self) -> Result<u32, String> {
            self.runs.third()
        }
    }
}

#[async_trait::async_trait]
trait Store: Send + Sync {
    async fn get(&self, key: &str) -> Result<String, String>;
    fn runs(&self) -> u32;
}

#[resilient(retry(max = 2), timeout("1s"))]
#[async_trait::async_trait]
impl Store for Client {
    async fn get(&self, key: &str) -> Result<String, String> {
        self.runs.third().map(|run| format!("{key}{run}"))
    }

    fn runs(&self) -> u32 {
        self.runs.total()
    }
}

struct Above(Runs);

#[async_trait::async_trait]
#[resilient(retry(max = 2), timeout("1s"))]
impl Store for Above {
    async fn get(&self, key: &str) -> Result<String, String> {
        self.0.third().map(|run| format!("{key}{run}"))
    }

    fn runs(&self) -> u32 {
        self.0.total()
    }
}

macro_rules! client {
    ($name:ident, $body:block) => {
        struct $name;

        #[resilient(timeout("1s"))]
        impl $name {
            async fn get(&self) -> Result<u32, Rejected> $body
            async fn more(&self) -> Result<u32, Rejected> {
                self.get().await
            }
        }
    };
}

client!(Generated, { std::future::pending().await });

#[tokio::test(start_paused = true)]
async fn on_impl_blocks() {
    assert_eq!(send(Client::new().shared("k")).await.unwrap(), "k3");
    assert_eq!(send(Client::new().exclusive("u".into())).await, Ok(9));
    assert_eq!(Client::new().plain().await, 1);
    assert_eq!((Client::new().name(), Client::new().own().is_err()), ("a", true));
    assert_eq!(Client::new().blocking(), Ok(3));
    assert_eq!(send(Client::new().future()).await, Ok(3));
    assert!(Generated.more().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn on_modules() {
    assert_eq!(module::free().await, Ok(3));
    assert_eq!(module::nested::free(&Runs::new()).await, Ok(3));
    assert_eq!(<module::Other>::default().get().await, Ok(3));
    assert!(<module::Other>::default().once().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn on_implementations_of_async_traits() {
    let stores: [Arc<dyn Store>; 2] = [Arc::new(Client::new()), Arc::new(Above(Runs::new()))];
    for store in stores {
        let task = tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.get("k").await }
        });
        assert_eq!(task.await.unwrap().unwrap(), "k3");
        assert_eq!(store.runs(), 3);
    }
}
