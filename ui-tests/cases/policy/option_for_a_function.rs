use failsafe::{CircuitBreaker, Retry, policy};

static PATIENT: Retry = policy!(retry(max = 3, handle(Err(_)), map_err = Error::from));
static SVC_B: CircuitBreaker = policy!(circuit_breaker(failures = 5, key = tenant));

fn main() {}
