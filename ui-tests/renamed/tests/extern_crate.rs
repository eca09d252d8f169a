//! One line gives the crate its own name back, and no attribute has to say anything.

#![deny(warnings)]

extern crate resilience as failsafe;

use failsafe::{circuit_breaker, policies, Rejected};

failsafe::stack! {
    CAREFULLY = #[retry(max = 1)] #[timeout("1s")]
}

#[circuit_breaker(failures = 5)]
#[policies(CAREFULLY)]
async fn named(id: u32) -> Result<u32, Rejected> {
    Ok(id)
}

#[tokio::test(start_paused = true)]
async fn it_runs() {
    assert_eq!(named(7).await.ok(), Some(7));
}
