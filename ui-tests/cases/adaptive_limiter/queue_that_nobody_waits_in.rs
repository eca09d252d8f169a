use failsafe::{Rejected, adaptive_limiter};
#[adaptive_limiter(queue = "2..3", wait = "0s")]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
