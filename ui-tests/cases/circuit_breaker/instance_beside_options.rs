use failsafe::{CircuitBreaker, Rejected, circuit_breaker, policy};

static SVC_B: CircuitBreaker = policy!(circuit_breaker(failures = 5));

#[circuit_breaker(SVC_B, failures = 3, key = user)]
async fn greeting(user: u64) -> Result<String, Rejected> {
    Ok(format!("hello {user}"))
}

fn main() {}
