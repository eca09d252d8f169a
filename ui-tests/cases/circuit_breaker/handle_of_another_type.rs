use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = 5, handle(None))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
