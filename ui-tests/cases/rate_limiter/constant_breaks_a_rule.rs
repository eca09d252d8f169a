use failsafe::{Rejected, rate_limiter};

const RATE: failsafe::config::Pace = failsafe::config::Pace::per_second(2_000_000_000);

#[rate_limiter(smooth = RATE)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
