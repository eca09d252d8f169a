use failsafe::{Rejected, adaptive_throttler};

#[adaptive_throttler(priority = failsafe::Priority::High)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
