#![forbid(unsafe_code)]
#![deny(warnings)]

use failsafe::{CircuitBreaker, Rejected, circuit_breaker, policy};

pub struct Client;

impl Client {
    #[circuit_breaker(name = "svcB", failures = 5, delay = "1m")]
    pub async fn greeting<T: ToString>(&self, name: T) -> Result<String, Rejected> {
        Ok(name.to_string())
    }
}

pub static SVC_B: CircuitBreaker = policy!(circuit_breaker(name = "svcB", failures = 5, delay = "2m"));

fn main() {}
