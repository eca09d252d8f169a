use failsafe::{CircuitBreaker, policy};

static SVC_B: CircuitBreaker = policy!(circut_breaker(failures = 5));
static SVC_C: CircuitBreaker = policy!(breaker(failures = 5));
static SVC_D: CircuitBreaker = policy!(hystrix(failures = 5));

fn main() {}
