use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = "3 of 1m")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[circuit_breaker(failures = "3/5 in 1m")]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[circuit_breaker(failures = "three")]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

#[circuit_breaker(failures = "3 in 1 minuet")]
async fn wave() -> Result<String, Rejected> {
    Ok("waves".to_owned())
}

#[circuit_breaker(failures = "-3/5")]
async fn bow() -> Result<String, Rejected> {
    Ok("bows".to_owned())
}

fn main() {}
