use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(5)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[circuit_breaker(failure(5))]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
