use failsafe::{Rejected, circuit_breaker, retry, timeout};

#[timeout("5s")]
#[circuit_breaker(failures = 5)]
#[retry(max = 10, random_delay = "1s..2s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
