use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = 5, delay = 60)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[circuit_breaker(failures = 5, delay = "1 minute")]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
