use failsafe::resilient;

struct Client;

#[resilient(fallback(value = 0), timeout("1s"))]
impl Client {
    async fn count(&self) -> u32 {
        1
    }

    async fn name(&self) -> String {
        "one".to_owned()
    }
}

fn main() {}
