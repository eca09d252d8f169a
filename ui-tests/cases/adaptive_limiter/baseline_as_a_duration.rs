use failsafe::{Rejected, adaptive_limiter};
#[adaptive_limiter(baseline = "10s")]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
