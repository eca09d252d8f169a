use failsafe::{Rejected, adaptive_limiter};
#[adaptive_limiter(wait = 5)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
