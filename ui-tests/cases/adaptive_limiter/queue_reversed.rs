use failsafe::{Rejected, adaptive_limiter};
#[adaptive_limiter(queue = "3..2")]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
