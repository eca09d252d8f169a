use failsafe::{Rejected, retry, timeout};

#[timeout("1s")]
#[retry(max = 3, backoff = "500ms..10s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
