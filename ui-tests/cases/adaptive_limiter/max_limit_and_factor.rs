use failsafe::{Rejected, adaptive_limiter};
#[adaptive_limiter(max_limit_factor = 2, max_limit_with = |in_flight| in_flight * 2)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
