use failsafe::{Rejected, resilient};
use std::fmt::Display;

#[resilient(retry(max = 3))]
trait Client: Display + Send {
    async fn get(&self) -> Result<u32, Rejected>;
}

struct Http;

impl Display for Http {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("http")
    }
}

impl Client for Http {
    async fn get(&self) -> Result<u32, Rejected> {
        Ok(1)
    }
}

fn call(_client: &impl Client) {}

fn main() {
    call(&ResilientClient::new(Http));
}
