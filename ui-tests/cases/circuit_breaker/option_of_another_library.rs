use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(name = "svcB", failure_threshold = 5, reset_timeout = "1m")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
