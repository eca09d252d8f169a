use failsafe::{Rejected, resilient, retry, timeout};

#[timeout("5s")]
#[retry(max = 3)]
#[timeout("10s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

struct Client;

#[resilient(timeout("2s"))]
impl Client {
    #[retry(max = 1)]
    async fn fits(&self) -> Result<String, Rejected> {
        Ok("hello".to_owned())
    }
}

fn main() {}
