//! A native async fn in a trait, and a default method.

use failsafe::{retry, timeout};

use super::support::{Runs, send};

trait Store {
    fn runs(&self) -> &Runs;

    async fn get(&self, key: &str) -> Result<u32, String>;

    #[retry(max = 2)]
    #[timeout("1s")]
    async fn get_twice(&self, key: &str) -> Result<u32, String> {
        tokio::task::yield_now().await;
        self.runs().third().map(|run| run * 2 + u32::from(key.is_empty()))
    }
}

#[derive(Default)]
struct Memory(Runs);

impl Store for Memory {
    fn runs(&self) -> &Runs {
        &self.0
    }

    #[retry(max = 2)]
    async fn get(&self, key: &str) -> Result<u32, String> {
        tokio::task::yield_now().await;
        self.0.third().map(|run| run + u32::from(key.is_empty()))
    }
}

#[tokio::test(start_paused = true)]
async fn in_trait_and_implementation() {
    assert_eq!(send(Memory::default().get("")).await, Ok(4));
    assert_eq!(send(Memory::default().get_twice("")).await, Ok(7));
}
