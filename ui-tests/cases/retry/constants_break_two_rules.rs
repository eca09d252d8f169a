use failsafe::{Rejected, retry};

mod limits {
    pub(crate) const ATTEMPTS: u32 = 0;
    pub(crate) const FACTOR: f64 = -1.0;
}

#[retry(
    attempts = limits::ATTEMPTS,
    delay = "1s",
    jitter = 0.5,
)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(backoff = "1s..10s", factor = limits::FACTOR)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
