//! Ours: the attributes, as a user writes them, with the values of [`crate::settings`] as literals.

use crate::case::{Case, Contender, Group};
use crate::op::{Body, Error, Ready, Yields};

impl From<failsafe::Rejected> for Error {
    fn from(_: failsafe::Rejected) -> Self {
        Self::Rejected
    }
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new(Group::CircuitBreaker, Contender::Ours, circuit_breaker::<Ready>),
        Case::new(Group::Retry, Contender::Ours, retry::<Ready>),
        Case::new(Group::TimeoutReady, Contender::Ours, timed::<Ready>),
        Case::new(Group::TimeoutYield, Contender::Ours, timed::<Yields>),
        Case::new(Group::Stack, Contender::Ours, stack::<Ready>),
        Case::new(Group::StackYield, Contender::Ours, stack::<Yields>),
    ]
}

#[failsafe::circuit_breaker(failures = 5, delay = "30s")]
async fn circuit_breaker<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::retry(max = 2, backoff = "100ms..1s")]
async fn retry<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::timeout("1s")]
async fn timed<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}

#[failsafe::retry(max = 2, backoff = "100ms..1s")]
#[failsafe::circuit_breaker(failures = 5, delay = "30s")]
#[failsafe::timeout("1s")]
pub(crate) async fn stack<B: Body>(i: u64) -> Result<u64, Error> {
    B::run(i).await
}
