use failsafe::{CircuitBreaker, Rejected, adaptive_throttler, policy};

static BREAKER: CircuitBreaker = policy!(circuit_breaker(failures = 5));

#[adaptive_throttler(BREAKER)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

#[adaptive_throttler(prioritizer = BREAKER)]
async fn lookup(id: u64) -> Result<u64, Rejected> {
    Ok(id)
}

fn main() {}
