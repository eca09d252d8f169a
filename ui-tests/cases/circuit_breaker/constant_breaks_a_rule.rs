use failsafe::{Rejected, circuit_breaker};
use std::time::Duration;

const NEVER: u32 = 0;
const AT_ONCE: Duration = Duration::ZERO;

#[circuit_breaker(name = "svcB", failures = NEVER)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[circuit_breaker(name = "svcC", slow = AT_ONCE)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
