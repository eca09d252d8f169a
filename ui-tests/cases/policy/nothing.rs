use failsafe::{CircuitBreaker, policy};

static SVC_B: CircuitBreaker = policy!();
static SVC_C: CircuitBreaker = policy!("circuit_breaker");

fn main() {}
