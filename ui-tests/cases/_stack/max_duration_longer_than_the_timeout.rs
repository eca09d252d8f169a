use failsafe::{Rejected, retry, timeout};

#[timeout("10s")]
#[retry(max = unlimited, delay = "1s", max_duration = "1m")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
