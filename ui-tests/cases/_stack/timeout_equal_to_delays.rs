use failsafe::{Rejected, retry, timeout};

#[timeout("7s")]
#[retry(max = 3, backoff = "1s..1m", jitter = 0)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
