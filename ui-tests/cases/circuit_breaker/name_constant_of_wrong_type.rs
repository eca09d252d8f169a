use failsafe::{Rejected, circuit_breaker};

const PORT: u16 = 8080;

#[circuit_breaker(name = PORT)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
