use failsafe::{CircuitBreaker, Rejected, circuit_breaker};
use std::sync::Arc;

fn breaker_of(_tenant: u64) -> Arc<CircuitBreaker> {
    Arc::new(CircuitBreaker::builder().build())
}

#[circuit_breaker(breaker_of(tenant))]
async fn greeting(tenant: u64) -> Result<String, Rejected> {
    Ok(format!("hello {tenant}"))
}

fn main() {}
