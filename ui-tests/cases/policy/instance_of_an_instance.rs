use failsafe::{CircuitBreaker, policy};

static SVC_B: CircuitBreaker = policy!(circuit_breaker(failures = 5));
static SVC_C: CircuitBreaker = policy!(circuit_breaker(SVC_B));

fn main() {}
