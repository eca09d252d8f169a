use failsafe::{Rejected, fail_fast};
use std::time::Duration;

const AT_ONCE: Duration = Duration::ZERO;

#[fail_fast(probe = async || true, every = AT_ONCE)]
async fn first(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

fn main() {}
