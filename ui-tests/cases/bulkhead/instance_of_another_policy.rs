use failsafe::{Rejected, bulkhead};

static BREAKER: failsafe::CircuitBreaker = failsafe::policy!(circuit_breaker(failures = 5));

#[bulkhead(BREAKER)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
