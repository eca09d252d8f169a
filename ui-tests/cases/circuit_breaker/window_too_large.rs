use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = "10/2000000")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[circuit_breaker(failures = "3 in 0s")]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
