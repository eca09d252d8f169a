//! `self: Box<Self>` which is not `Clone`, borrowed.

use failsafe::retry;

use super::support::{Runs, send};

#[derive(Default)]
struct Service(Runs);

impl Service {
    #[retry(max = 2)]
    async fn run(self: Box<Self>) -> Result<u32, String> {
        tokio::task::yield_now().await;
        self.0.third()
    }
}

#[tokio::test(start_paused = true)]
async fn needs_no_clone() {
    assert_eq!(send(Box::<Service>::default().run()).await, Ok(3));
}
