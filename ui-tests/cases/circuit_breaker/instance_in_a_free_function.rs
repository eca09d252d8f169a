use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(self.breaker)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
