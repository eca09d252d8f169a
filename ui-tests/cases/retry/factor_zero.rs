use failsafe::{Rejected, retry};

#[retry(backoff = "1s..10s", factor = 0)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(backoff = "1s..10s", factor = -1.5)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
