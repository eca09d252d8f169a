use failsafe::{Rejected, adaptive_limiter};
#[adaptive_limiter(max_limit_with = |in_flight| in_flight + words.len() as u32)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
