use failsafe::{Rejected, retry};

#[retry(max = 3, delay = "1s", backoff = "1s..10s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(random_delay = "1s..2s", delay = "1s", backoff = "1s..10s")]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
