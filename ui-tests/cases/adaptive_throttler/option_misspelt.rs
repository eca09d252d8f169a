use failsafe::{Rejected, adaptive_throttler};

#[adaptive_throttler(failure_rat = "10%")]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
