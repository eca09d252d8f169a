use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(slow = "0s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
