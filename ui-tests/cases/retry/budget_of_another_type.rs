use failsafe::{CircuitBreaker, Rejected, policy, retry};

static SVC_B: CircuitBreaker = policy!(circuit_breaker(failures = 5));

#[retry(budget = SVC_B)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
