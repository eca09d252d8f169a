use failsafe::{Rejected, adaptive_limiter};
const LIMITS: (u32, u32) = (10, 1);

#[adaptive_limiter(limits = LIMITS)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
