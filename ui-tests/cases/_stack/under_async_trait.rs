use failsafe::{Rejected, retry, timeout};

#[async_trait::async_trait]
trait Greeter {
    async fn greeting(&self) -> Result<String, Rejected>;
}

struct Client;

#[async_trait::async_trait]
impl Greeter for Client {
    #[retry(max = 3, bakoff = "1s..10s")]
    #[timeout]
    async fn greeting(&self) -> Result<String, Rejected> {
        Ok("hello".to_owned())
    }
}

fn main() {}
