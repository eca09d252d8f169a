use failsafe::{Rejected, adaptive_limiter};
#[adaptive_limiter(max_limt_factor = 2)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
