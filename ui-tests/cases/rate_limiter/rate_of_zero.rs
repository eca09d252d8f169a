use failsafe::{Rejected, rate_limiter};

#[rate_limiter(smooth = "0/s")]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
