use failsafe::retry;

struct Client;

#[retry(max = 3)]
impl Client {
    async fn greeting(&self) -> Option<u32> {
        None
    }
}

#[retry(max = 3)]
trait Greeter {
    fn greeting(&self) -> Option<u32>;
}

async fn call(client: &Client) -> Option<u32> {
    client.greeting().await
}

fn main() {}
