use failsafe::{Rejected, circuit_breaker};

const NONE: u32 = 0;

#[circuit_breaker(successes = NONE)]
async fn first(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

fn main() {}
