use failsafe::{Rejected, retry};
use std::time::Duration;

const SHRINKS: f64 = 0.0;
const AT_ONCE: Duration = Duration::ZERO;

#[retry(backoff = "1s..10s", factor = SHRINKS)]
async fn first(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

#[retry(max_duration = AT_ONCE)]
async fn second(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

fn main() {}
