use failsafe::{CircuitBreaker, Timeout, policy};

static SVC_B: CircuitBreaker = policy!(circuit_breaker(failures = "5/3", dealy = "1m"));
static LIMIT: Timeout = policy!(timeout);

fn main() {}
