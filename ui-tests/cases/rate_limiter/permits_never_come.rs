use failsafe::{Rejected, rate_limiter};

#[rate_limiter(bursty = "5/s", wait = "500ms", permits = 11)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
