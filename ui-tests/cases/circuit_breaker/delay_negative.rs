use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = 3, delay = "-1s")]
async fn first() -> Result<u32, Rejected> {
    Ok(1)
}

#[circuit_breaker(failures = 3, delay = -1s)]
async fn second() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
