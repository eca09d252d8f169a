use failsafe::{CircuitBreaker, Rejected, circuit_breaker, policy};

static SVC_B: CircuitBreaker = policy!(circuit_breaker(failures = 5));
static SVC_C: CircuitBreaker = policy!(circuit_breaker(failures = 5));

#[circuit_breaker(SVC_B, SVC_C)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
