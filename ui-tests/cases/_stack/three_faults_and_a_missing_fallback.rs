use failsafe::{Rejected, fallback, retry, timeout};

#[fallback(wiht = |_| Ok(String::new()))]
#[timeout("10 sec", on_timeout)]
#[retry(max = 3; backoff = "10s..1s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
