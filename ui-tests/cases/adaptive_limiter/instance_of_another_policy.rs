use failsafe::{Rejected, adaptive_limiter};
static BULKHEAD: failsafe::Bulkhead = failsafe::policy!(bulkhead(5));

#[adaptive_limiter(BULKHEAD)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
