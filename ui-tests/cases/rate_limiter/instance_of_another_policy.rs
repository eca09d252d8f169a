use failsafe::{Rejected, rate_limiter};

static LIMITER: failsafe::CircuitBreaker = failsafe::policy!(circuit_breaker(failures = 5));

#[rate_limiter(LIMITER)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
