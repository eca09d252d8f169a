use failsafe::{Rejected, retry};

#[retry(delay = "1s", max_duration = "500ms")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(max_duration = "1s", backoff = "2s..10s")]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
