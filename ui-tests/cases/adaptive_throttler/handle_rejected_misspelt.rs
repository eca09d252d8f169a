use failsafe::{Rejected, adaptive_throttler};

#[adaptive_throttler(handle_rejected(Kind::Timeouts))]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
