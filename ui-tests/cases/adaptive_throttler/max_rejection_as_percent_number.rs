use failsafe::{Rejected, adaptive_throttler};

#[adaptive_throttler(max_rejection = 90)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
