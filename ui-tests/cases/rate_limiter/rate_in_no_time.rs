use failsafe::{Rejected, rate_limiter};

#[rate_limiter(bursty = "100/0s")]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
