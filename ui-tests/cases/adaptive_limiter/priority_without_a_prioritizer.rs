use failsafe::{Rejected, adaptive_limiter};
#[adaptive_limiter(priority = failsafe::Priority::High)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
