use failsafe::{Rejected, adaptive_throttler};

#[adaptive_throttler(name = "search", failure_rate = "10% of 20 in 1m")]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

#[adaptive_throttler(name = "search", failure_rate = "20% of 20 in 1m", max_rejection = 0.5)]
async fn lookup(id: u64) -> Result<u64, Rejected> {
    Ok(id)
}

fn main() {}
