//! `#[resilient(..)]` on a trait: a decorator around any implementation, with everything that a trait may have.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use failsafe::{Kind, Rejected, resilient, retry};

use super::support::{Runs, send};

/// Native `async fn`s, and all other items.
#[resilient(retry(max = 2), timeout("1s"))]
trait Client<K: ?Sized = str>: Debug + Send + Sync
where
    K: Sync,
{
    const LIMIT: usize = 7;
    type Item: Clone + Send;
    type View<'a>: Debug
    where
        Self: 'a;

    fn version() -> u32;

    fn view(&self) -> Self::View<'_>;

    async fn get(&self, key: &K, _: u32) -> Result<Self::Item, String>;

    async fn put(&mut self, item: String) -> Result<usize, String>;

    async fn load<R: From<u32>, const N: u32>(&self) -> Result<R, String>;

    #[resilient(skip)]
    async fn runs(&self) -> u32;

    #[retry(max = 1)]
    async fn once(&self) -> Result<u32, Rejected> {
        Ok(u32::MAX)
    }

    fn promised<'a>(
        &'a self,
        key: &'a K,
    ) -> impl Future<Output = Result<u32, Rejected>> + Send + 'a;

    fn boxed(&self) -> Pin<Box<dyn Future<Output = Result<u32, Rejected>> + Send + '_>>;

    #[resilient(skip(timeout))]
    fn blocking(&self, (first, mut second): (u32, u32)) -> Result<u32, String> {
        second += first;
        Err(second.to_string())
    }
}

#[derive(Debug, Default)]
struct Http {
    runs: Runs,
    calls: u32,
}

impl Client for Http {
    type Item = u32;
    type View<'a> = &'a u32;
    const LIMIT: usize = 8;

    fn version() -> u32 {
        3
    }

    fn view(&self) -> &u32 {
        &self.calls
    }

    async fn get(&self, key: &str, add: u32) -> Result<u32, String> {
        tokio::task::yield_now().await;
        self.runs.third().map(|run| run + add + u32::try_from(key.len()).unwrap())
    }

    async fn put(&mut self, item: String) -> Result<usize, String> {
        self.calls += 1;
        if self.calls == 3 { Ok(item.len()) } else { Err(item) }
    }

    async fn load<R: From<u32>, const N: u32>(&self) -> Result<R, String> {
        self.runs.third().map(|run| R::from(run + N))
    }

    async fn runs(&self) -> u32 {
        self.runs.total()
    }

    async fn once(&self) -> Result<u32, Rejected> {
        self.runs.count();
        std::future::pending().await
    }

    async fn promised(&self, _: &str) -> Result<u32, Rejected> {
        self.runs.count();
        std::future::pending().await
    }

    fn boxed(&self) -> Pin<Box<dyn Future<Output = Result<u32, Rejected>> + Send + '_>> {
        self.runs.count();
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn around_an_implementation() {
    let mut client = ResilientClient::new(Http::default());
    assert_eq!(send(client.get("key", 4)).await, Ok(10));
    assert_eq!(client.inner().runs().await, 3);
    assert_eq!(send(client.put("four".to_owned())).await, Ok(4));
    assert_eq!(client.view(), &3);
    let constants =
        (<ResilientClient<Http> as Client>::LIMIT, <ResilientClient<Http> as Client>::version());
    assert_eq!(constants, (8, 3));
    let client = ResilientClient::new(Http::default());
    assert_eq!(client.load::<u64, 2>().await, Ok(5));
    assert_eq!(client.blocking((1, 2)).unwrap_err(), "3");
    assert_eq!(format!("{:?}", client.into_inner().calls), "0");
}

#[tokio::test(start_paused = true)]
async fn every_way_to_be_asynchronous() {
    let client = Arc::new(ResilientClient::of(Box::new(Http::default())));
    let other = Arc::clone(&client);
    assert_eq!(
        tokio::spawn(async move { other.promised("k").await }).await.unwrap().unwrap_err().kind(),
        Kind::Timeout
    );
    assert_eq!(client.runs().await, 3);
    assert_eq!(send(client.boxed()).await.unwrap_err().kind(), Kind::Timeout);
    assert_eq!(client.runs().await, 6);
    assert_eq!(client.once().await.unwrap_err().kind(), Kind::Timeout);
    assert_eq!(client.runs().await, 8);
}

/// `async_trait`, above.
#[async_trait::async_trait]
#[resilient(retry(max = 2), timeout("1s"))]
trait Above: Send + Sync {
    async fn get(&self, key: &str) -> Result<String, String>;
    async fn change(&mut self, key: String) -> Result<u32, String>;
    async fn default_get(&self, key: &str) -> Result<String, String> {
        self.get(key).await
    }
}

/// `async_trait`, below; the decorator is one of the trait objects too.
#[resilient(retry(max = 2), timeout("1s"))]
#[async_trait::async_trait]
trait Below {
    async fn get(&self, key: &str) -> Result<String, String>;
    async fn default_get(&self, key: &str) -> Result<String, String> {
        self.get(key).await
    }
    #[resilient(skip)]
    async fn name(&self) -> &str {
        "below"
    }
}

#[async_trait::async_trait]
impl Above for Http {
    async fn get(&self, key: &str) -> Result<String, String> {
        self.runs.third().map(|run| format!("{key}{run}"))
    }
    async fn change(&mut self, key: String) -> Result<u32, String> {
        self.calls += 1;
        if self.calls == 3 { Ok(3) } else { Err(key) }
    }
}

#[async_trait::async_trait]
impl Below for Http {
    async fn get(&self, key: &str) -> Result<String, String> {
        self.runs.third().map(|run| format!("{key}{run}"))
    }
}

#[tokio::test(start_paused = true)]
async fn around_trait_objects() {
    let mut boxed: ResilientAbove<dyn Above, Box<dyn Above>> =
        ResilientAbove::of(Box::new(Http::default()));
    assert_eq!(boxed.get("k").await.unwrap(), "k3");
    assert_eq!(boxed.change("k".into()).await, Ok(3));
    let shared: Arc<dyn Below + Send + Sync> = Arc::new(Http::default());
    let decorated = ResilientBelow::of(shared);
    assert_eq!(send(decorated.default_get("k")).await.unwrap(), "k3");
    assert_eq!(decorated.name().await, "below");
    let http = Http::default();
    assert_eq!(ResilientBelow::of(&http).get("k").await.unwrap(), "k3");
}

#[tokio::test(start_paused = true)]
async fn as_trait_objects() {
    let above: Arc<dyn Above> = Arc::new(ResilientAbove::new(Http::default()));
    assert_eq!(
        tokio::spawn(async move { above.default_get("k").await }).await.unwrap().unwrap(),
        "k3"
    );
    let below: Box<dyn Below> = Box::new(ResilientBelow::new(Http::default()));
    assert_eq!(below.get("k").await.unwrap(), "k3");
}
