use failsafe::{Rejected, rate_limiter};

const RATE: u32 = 100;

#[rate_limiter(smooth = RATE)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
