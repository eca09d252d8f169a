use failsafe::{Rejected, adaptive_limiter};
#[adaptive_limiter(limits = "0..10")]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
