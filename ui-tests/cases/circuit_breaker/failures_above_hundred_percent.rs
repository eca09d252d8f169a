use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = "120% of 5")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[circuit_breaker(failures = 0.5)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[circuit_breaker(failures = "50%")]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

fn main() {}
