use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(SVC_B)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
