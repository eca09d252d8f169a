use failsafe::{Rejected, retry};

#[retry(backoff = "10s..1s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(backoff = 10s..1s)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
