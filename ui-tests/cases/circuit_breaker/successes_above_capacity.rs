use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = 5, successes = "5/3")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[circuit_breaker(failures = 5, successes = "2 in 1m")]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[circuit_breaker(failures = 5, successes = true)]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

fn main() {}
