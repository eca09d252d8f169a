use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(name = 5)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[circuit_breaker(name("svcB"))]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[circuit_breaker(name)]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

fn main() {}
