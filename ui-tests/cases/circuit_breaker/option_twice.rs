use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = 5, failures = "3/5", name = "svcB", name = "svcC")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
