//! Two functions that share one breaker say the same of it, or only its name.
#![forbid(unsafe_code)]
#![deny(warnings)]

use failsafe::{CircuitBreaker, Rejected, Retry, circuit_breaker, policy, retry};

static SVC_B: CircuitBreaker = policy!(circuit_breaker(name = "svcB", failures = 5, delay = 60s));
static PATIENT: Retry = policy!(retry(name = "svcB", max = 3));

#[circuit_breaker(name = "svcB", failures = "5/5")]
fn greeting() -> Result<u32, Rejected> {
    Ok(1)
}

#[retry(name = "svcB", max = 3)]
#[circuit_breaker(name = "svcB")]
fn farewell() -> Result<u32, Rejected> {
    Ok(2)
}

fn main() {
    println!("{:?} {:?} {:?} {:?}", SVC_B.state(), PATIENT, greeting(), farewell());
}
