use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = "20 of 5")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
