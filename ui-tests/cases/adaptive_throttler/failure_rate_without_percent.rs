use failsafe::{Rejected, adaptive_throttler};

#[adaptive_throttler(failure_rate = "10 of 20 in 1m")]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
