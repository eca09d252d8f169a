use failsafe::{CircuitBreaker, Rejected, circuit_breaker, policy};

static SVC_B: CircuitBreaker = policy!(circuit_breaker(failures = 5));

#[circuit_breaker(SVC_B)]
#[circuit_breaker(SVC_B)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
