use failsafe::{CircuitBreaker, policy};

static SVC_B: CircuitBreaker = policy!(retry(max = 3));

fn main() {}
