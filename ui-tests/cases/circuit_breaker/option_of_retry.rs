use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = 5, backoff = "1s..10s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
