//! Ours: the attributes, as a user writes them, with the values of [`crate::settings`] as literals.

use crate::case::{Case, Contender, Group};
use crate::op::{Error, op, op_yields};

impl From<failsafe::Rejected> for Error {
    fn from(_: failsafe::Rejected) -> Self {
        Self::Rejected
    }
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new(Group::CircuitBreaker, Contender::Ours, circuit_breaker),
        Case::new(Group::Retry, Contender::Ours, retry),
        Case::new(Group::TimeoutReady, Contender::Ours, timeout_ready),
        Case::new(Group::TimeoutYield, Contender::Ours, timeout_yield),
        Case::new(Group::Stack, Contender::Ours, stack),
        Case::new(Group::StackYield, Contender::Ours, stack_yield),
    ]
}

#[failsafe::circuit_breaker(failures = 5, delay = "30s")]
async fn circuit_breaker(i: u64) -> Result<u64, Error> {
    op(i).await
}

#[failsafe::retry(max = 2, backoff = "100ms..1s")]
async fn retry(i: u64) -> Result<u64, Error> {
    op(i).await
}

#[failsafe::timeout("1s")]
async fn timeout_ready(i: u64) -> Result<u64, Error> {
    op(i).await
}

#[failsafe::timeout("1s")]
async fn timeout_yield(i: u64) -> Result<u64, Error> {
    op_yields(i).await
}

#[failsafe::retry(max = 2, backoff = "100ms..1s")]
#[failsafe::circuit_breaker(failures = 5, delay = "30s")]
#[failsafe::timeout("1s")]
async fn stack(i: u64) -> Result<u64, Error> {
    op(i).await
}

#[failsafe::retry(max = 2, backoff = "100ms..1s")]
#[failsafe::circuit_breaker(failures = 5, delay = "30s")]
#[failsafe::timeout("1s")]
async fn stack_yield(i: u64) -> Result<u64, Error> {
    op_yields(i).await
}
