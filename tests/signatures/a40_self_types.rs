//! `Self`, `Self::K` and associated types in a generic implementation.

use failsafe::{retry, timeout};

use super::support::{Runs, send};

trait Source {
    type Item;
    const K: u32;

    async fn get(&self, from: Self::Item) -> Result<Self::Item, String>;
}

#[derive(Default)]
struct Wrap<T> {
    inner: T,
    runs: Runs,
}

impl<T: Clone + Into<u64> + Sync> Source for Wrap<T> {
    type Item = (T, u32);
    const K: u32 = 7;

    #[retry(max = 2)]
    #[timeout("1s")]
    async fn get(&self, from: Self::Item) -> Result<Self::Item, String> {
        tokio::task::yield_now().await;
        let run = Self::check(self)?;
        let (_, add) = from;
        Ok((self.inner.clone(), run + add + Self::K))
    }
}

impl<T> Wrap<T> {
    fn check(this: &Self) -> Result<u32, String> {
        this.runs.third()
    }
}

#[tokio::test(start_paused = true)]
async fn resolve() {
    let wrap = Wrap { inner: 1_u32, runs: Runs::new() };
    assert_eq!(send(wrap.get((0, 1))).await, Ok((1, 11)));
}
