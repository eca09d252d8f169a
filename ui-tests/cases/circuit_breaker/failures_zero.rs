use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = 0)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[circuit_breaker(failures = "0/5")]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[circuit_breaker(failures = "20% of 0 in 1m")]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

fn main() {}
