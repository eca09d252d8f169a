use failsafe::{Rejected, circuit_breaker, timeout};

#[circuit_breaker(name = "svcB", failures = 5)]
#[timeout("1s", name = "svcB")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[circuit_breaker(name = "svcB", failures = "3/5")]
#[timeout("2s", name = "svcB")]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
