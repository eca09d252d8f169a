use failsafe::{Rejected, adaptive_throttler};

#[adaptive_throttler(max_keys = 5)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
