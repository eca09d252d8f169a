use failsafe::{Rejected, adaptive_limiter};
#[adaptive_limiter(window = "30s..1s")]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
