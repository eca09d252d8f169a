use failsafe::{Rejected, retry};

#[retry(max = "3", backoff = true, factor = "2")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(attempts = 2.5, random_delay = 5, jitter = true)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
