use failsafe::config::{FailureRate, Rate};
use failsafe::{Rejected, adaptive_throttler};
use std::time::Duration;

const RATE: FailureRate =
    FailureRate { rate: Rate::from_billionths(1_000_000_000), of: 20, period: Duration::from_secs(60) };
const MOST: f64 = 1.5;

#[adaptive_throttler(failure_rate = RATE)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

#[adaptive_throttler(max_rejection = MOST)]
async fn lookup(id: u64) -> Result<u64, Rejected> {
    Ok(id)
}

fn main() {}
