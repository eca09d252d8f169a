use failsafe::{Rejected, adaptive_limiter};
#[adaptive_limiter(max_limit_factor = 0.5)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
