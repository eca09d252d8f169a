use failsafe::{Rejected, adaptive_limiter};
#[adaptive_limiter(limits = "1..10", initial = 20)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
