//! Everything that can be an instance.
#![deny(warnings)]

use failsafe::{CircuitBreaker, Rejected, circuit_breaker, policy};
use std::sync::{Arc, LazyLock};

static SVC_B: CircuitBreaker = policy!(circuit_breaker(failures = 5));
static LAZY: LazyLock<CircuitBreaker> = LazyLock::new(|| CircuitBreaker::builder().build());

mod breakers {
    pub(crate) static SVC_C: super::CircuitBreaker = failsafe::policy!(circuit_breaker);
}

fn breaker_of(tenant: u64) -> &'static CircuitBreaker {
    if tenant == 0 { &SVC_B } else { &LAZY }
}

#[circuit_breaker(SVC_B)]
fn of_a_static() -> Result<u32, Rejected> {
    Ok(1)
}

#[circuit_breaker(breakers::SVC_C)]
fn of_a_path() -> Result<u32, Rejected> {
    Ok(1)
}

#[circuit_breaker(LAZY)]
fn of_a_lazy() -> Result<u32, Rejected> {
    Ok(1)
}

#[circuit_breaker(breaker)]
async fn of_an_argument(breaker: &CircuitBreaker) -> Result<u32, Rejected> {
    Ok(1)
}

#[circuit_breaker(breaker_of(tenant))]
async fn of_a_function(tenant: u64) -> Result<u64, Rejected> {
    Ok(tenant)
}

#[circuit_breaker(&breakers[0])]
async fn of_a_reference(breakers: &[Arc<CircuitBreaker>]) -> Result<u32, Rejected> {
    Ok(1)
}

#[circuit_breaker(breakers[0])]
async fn of_an_index(breakers: &[Arc<CircuitBreaker>]) -> Result<u32, Rejected> {
    Ok(1)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arc = Arc::new(CircuitBreaker::builder().build());
    println!("{:?} {:?} {:?}", of_a_static(), of_a_path(), of_a_lazy());
    println!("{:?} {:?}", of_an_argument(&SVC_B).await, of_a_function(1).await);
    println!("{:?} {:?}", of_an_index(&[arc.clone()]).await, of_a_reference(&[arc]).await);
}
