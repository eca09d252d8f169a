use failsafe::{CircuitBreaker, Rejected, fail_fast, policy};

static BREAKER: CircuitBreaker = policy!(circuit_breaker(failures = 3));

#[fail_fast(BREAKER)]
async fn guarded() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
