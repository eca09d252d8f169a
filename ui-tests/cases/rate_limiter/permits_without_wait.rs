use failsafe::{Rejected, rate_limiter};

#[rate_limiter(smooth = "100/s", permits = 2)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
