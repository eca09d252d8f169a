use failsafe::{Rejected, adaptive_throttler};

#[adaptive_throttler(failure_rate = "120% of 5")]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
