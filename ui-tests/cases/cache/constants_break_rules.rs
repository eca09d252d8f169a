use failsafe::{Rejected, cache};
use std::time::Duration;

const AT_ONCE: Duration = Duration::ZERO;

#[cache(key = _id, ttl = AT_ONCE)]
async fn first(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

fn main() {}
