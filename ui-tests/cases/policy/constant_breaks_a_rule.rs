use failsafe::{CircuitBreaker, policy};

const NEVER: u32 = 0;

static SVC_B: CircuitBreaker = policy!(circuit_breaker(failures = NEVER));

fn main() {}
