use failsafe::{Rejected, adaptive_limiter};
use std::time::Duration;

const NONE: u32 = 0;
const SHRINKS: f64 = 0.5;
const NEGATIVE: f64 = -1.0;
const ALL: f64 = 1.0;
const WINDOW: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(1));
const QUEUE: (f64, f64) = (3.0, 2.0);

#[adaptive_limiter(initial = NONE)]
async fn first(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

#[adaptive_limiter(max_limit_factor = SHRINKS)]
async fn second(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

#[adaptive_limiter(max_limit_factor_decay = NEGATIVE)]
async fn third(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

#[adaptive_limiter(max_limit_factor_decay = 1, min_limit_factor = SHRINKS)]
async fn fourth(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

#[adaptive_limiter(window = WINDOW)]
async fn fifth(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

#[adaptive_limiter(samples = NONE)]
async fn sixth(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

#[adaptive_limiter(quantile = ALL)]
async fn seventh(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

#[adaptive_limiter(baseline = NONE)]
async fn eighth(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

#[adaptive_limiter(correlation = NONE)]
async fn ninth(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

#[adaptive_limiter(queue = QUEUE)]
async fn tenth(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

fn main() {}
