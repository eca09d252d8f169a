use failsafe::resilient;

struct Client;

#[resilient]
impl Client {
    async fn get(&self) -> Option<u32> {
        None
    }
}

#[resilient()]
trait Get {
    async fn get(&self) -> Option<u32>;
}

fn main() {}
