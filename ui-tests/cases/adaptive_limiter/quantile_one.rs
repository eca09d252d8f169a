use failsafe::{Rejected, adaptive_limiter};
#[adaptive_limiter(quantile = 1)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
