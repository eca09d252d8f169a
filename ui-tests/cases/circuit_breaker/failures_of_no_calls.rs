use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = "20% of 0 in 1m")]
async fn first() -> Result<u32, Rejected> {
    Ok(1)
}

#[circuit_breaker(failures = "20% of -1 in 1m")]
async fn second() -> Result<u32, Rejected> {
    Ok(1)
}

#[circuit_breaker(failures = "0/0")]
async fn third() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
