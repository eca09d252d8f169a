use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = -1)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[circuit_breaker(failures = "-10% of 5")]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[circuit_breaker(failures = "20% of -1 in 1m")]
async fn bow() -> Result<String, Rejected> {
    Ok("bows".to_owned())
}

#[circuit_breaker(failures = 5, successes = -2)]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

#[circuit_breaker(delay = "-1s")]
async fn wave() -> Result<String, Rejected> {
    Ok("waves".to_owned())
}

fn main() {}
