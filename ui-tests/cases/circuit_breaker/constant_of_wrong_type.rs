use failsafe::{Rejected, circuit_breaker};

const THRESHOLD: &str = "3/5";

#[circuit_breaker(name = "svcB", failures = THRESHOLD)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
