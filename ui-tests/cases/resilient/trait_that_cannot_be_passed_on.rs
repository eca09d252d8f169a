use failsafe::{Rejected, resilient};
use std::pin::Pin;
use std::sync::Arc;

macro_rules! more {
    () => {};
}

#[resilient(retry(max = 3))]
trait Client: Sized {
    fn new() -> Self;
    fn merge(&self, other: &Self);
    fn close(self);
    fn shared(self: Arc<Self>);
    fn pinned(self: Pin<&mut Self>);
    async fn get(&self) -> Result<u32, Rejected>;
    more!();
}

async fn call(client: &impl Client) -> Result<u32, Rejected> {
    client.get().await
}

fn main() {}
