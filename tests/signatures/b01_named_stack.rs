//! `#[policies(NAME)]`: free functions, methods, default methods, `async_trait`, generics, `self` by every way, functions of
//! `macro_rules!`, and between attributes of others.

use std::sync::Arc;

use failsafe::{policies, retry, timeout};

use super::support::{Runs, send};

mod stacks {
    failsafe::stack! {
        pub(super) TWICE = #[retry(max = 2)] #[circuit_breaker(failures = 9)] #[timeout("1s")];
        pub(super) BLOCKING = #[retry(max = 2)] #[circuit_breaker(failures = 9)];
        pub(super) ANSWERED = #[fallback(with = |_| Ok(self.default.clone()))] #[retry(max = 2)];
    }
}

use stacks::TWICE;

static RUNS: Runs = Runs::new();

#[policies(TWICE)]
async fn generic<T, const N: usize>(items: &[T; N], _used: String) -> Result<T, String>
where
    T: Clone + Send + Sync,
{
    let run = RUNS.third()?;
    Ok(items[run as usize % N].clone())
}

#[derive(Default)]
struct Client {
    default: String,
    runs: Runs,
    calls: u32,
}

impl Client {
    const ONE: u32 = 1;

    /// Documented, with attributes of others around.
    #[inline]
    #[tracing::instrument(skip(self))]
    #[policies(TWICE)]
    #[must_use = "a result"]
    #[timeout("1s")]
    async fn shared(&self, key: &str) -> Result<String, String> {
        tokio::task::yield_now().await;
        self.runs.third().map(|run| format!("{key}{}", run * Self::ONE))
    }

    #[policies(stacks::TWICE)]
    async fn exclusive(&mut self, out: &mut Vec<u32>) -> Result<u32, String> {
        self.calls += 1;
        out.push(self.calls);
        if self.calls == 3 { Ok(self.calls) } else { Err(format!("{}", out.len())) }
    }

    #[policies(stacks::BLOCKING)]
    fn owned(self: Arc<Self>) -> Result<u32, String> {
        self.runs.third()
    }

    #[policies(stacks::ANSWERED)]
    async fn answered(&self) -> Result<String, String> {
        Err("fails".into())
    }
}

#[async_trait::async_trait]
trait Store {
    fn runs(&self) -> &Runs;

    async fn get(&self, key: &str) -> Result<String, String>;

    #[policies(TWICE)]
    async fn default_get(&self, key: &str) -> Result<String, String> {
        self.runs().third().map(|run| format!("{key}{run}"))
    }
}

#[async_trait::async_trait]
impl Store for Client {
    fn runs(&self) -> &Runs {
        &self.runs
    }

    #[policies(stacks::TWICE)]
    async fn get(&self, key: &str) -> Result<String, String> {
        self.runs.third().map(|run| format!("{key}{run}"))
    }
}

trait Native {
    #[policies(stacks::TWICE)]
    fn native(&self, runs: &Runs) -> impl Future<Output = Result<u32, String>> {
        async move { runs.third() }
    }
}

impl Native for Client {}

macro_rules! product {
    ($name:ident, $sum:expr, $arg:ident, $body:block) => {
        #[retry]
        #[policies(stacks::BLOCKING)]
        fn $name($arg: u32) -> Result<u32, String> {
            let runs: u32 = $body;
            Ok($sum * runs)
        }
    };
}

product!(product, 1 + 2, by, { by });

#[tokio::test(start_paused = true)]
async fn stands_on_every_function() {
    assert_eq!(send(generic(&[1, 2], String::new())).await, Ok(2));
    let mut client = Client { default: "d".into(), ..Client::default() };
    assert_eq!(send(client.shared("k")).await.unwrap(), "k3");
    let mut out = Vec::new();
    assert_eq!(send(client.exclusive(&mut out)).await, Ok(3));
    assert_eq!(out, [1, 2, 3]);
    assert_eq!(send(client.answered()).await.unwrap(), "d");
    assert_eq!(Arc::new(Client::default()).owned(), Ok(3));
    assert_eq!(product(2), Ok(6));
}

#[tokio::test(start_paused = true)]
async fn stands_on_methods_of_traits() {
    let store: Arc<dyn Store + Send + Sync> = Arc::new(Client::default());
    assert_eq!(store.get("k").await.unwrap(), "k3");
    let store: Arc<dyn Store + Send + Sync> = Arc::new(Client::default());
    assert_eq!(store.default_get("k").await.unwrap(), "k3");
    let runs = Runs::new();
    assert_eq!(Client::default().native(&runs).await, Ok(3));
}
