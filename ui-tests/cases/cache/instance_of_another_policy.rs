use failsafe::{CircuitBreaker, cache, policy};

static BREAKER: CircuitBreaker = policy!(circuit_breaker(failures = 2));

#[cache(BREAKER, key = id)]
async fn search(id: u64) -> u64 {
    id
}

fn main() {}
