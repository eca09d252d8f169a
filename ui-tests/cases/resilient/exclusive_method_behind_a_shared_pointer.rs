use failsafe::{Rejected, resilient};
use std::sync::Arc;

#[resilient(retry(max = 3))]
trait Client {
    async fn get(&mut self) -> Result<u32, Rejected>;
}

struct Http;

impl Client for Http {
    async fn get(&mut self) -> Result<u32, Rejected> {
        Ok(1)
    }
}

fn call(_client: &mut impl Client) {}

fn main() {
    call(&mut ResilientClient::of(Box::new(Http)));
    call(&mut ResilientClient::of(Arc::new(Http)));
}
