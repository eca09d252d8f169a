use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(slow = 2)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[circuit_breaker(slow = "-2s")]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
