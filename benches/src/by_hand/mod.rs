//! The same written by hand: what somebody would write who has tokio and no library, complete but not clever.
//!
//! This is what the size of our futures is judged against: one `async fn`, no layers, nothing boxed. It is complete in
//! what the settings ask for: backoff with real delays, a breaker with trials after its delay, a permit that a
//! dropped call gives back, a deadline per attempt.

mod breaker;

use tokio::time::{sleep, timeout};

use self::breaker::Breaker;
use crate::case::{Case, Contender, Group};
use crate::op::{Body, Error, Ready, Yields};
use crate::settings::{FAILURES, FIRST_DELAY, MAX_DELAY, MAX_RETRIES, OPEN_FOR, TIMEOUT};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new(Group::CircuitBreaker, Contender::ByHand, circuit_breaker::<Ready>),
        Case::new(Group::Retry, Contender::ByHand, retry::<Ready>),
        Case::new(Group::TimeoutReady, Contender::ByHand, timed::<Ready>),
        Case::new(Group::TimeoutYield, Contender::ByHand, timed::<Yields>),
        Case::new(Group::Stack, Contender::ByHand, stack::<Ready>),
        Case::new(Group::StackYield, Contender::ByHand, stack::<Yields>),
    ]
}

async fn circuit_breaker<B: Body>(i: u64) -> Result<u64, Error> {
    static BREAKER: Breaker = Breaker::new(FAILURES, OPEN_FOR);

    let permit = BREAKER.acquire().ok_or(Error::CircuitOpen)?;
    let outcome = B::run(i).await;
    permit.record(outcome.is_ok());
    outcome
}

async fn retry<B: Body>(i: u64) -> Result<u64, Error> {
    let mut retries = 0;
    let mut delay = FIRST_DELAY;
    loop {
        match B::run(i).await {
            Err(_) if retries < MAX_RETRIES => {
                sleep(delay).await;
                retries += 1;
                delay = (delay * 2).min(MAX_DELAY);
            }
            outcome => return outcome,
        }
    }
}

async fn timed<B: Body>(i: u64) -> Result<u64, Error> {
    timeout(TIMEOUT, B::run(i)).await.unwrap_or(Err(Error::TimedOut))
}

pub(crate) async fn stack<B: Body>(i: u64) -> Result<u64, Error> {
    static BREAKER: Breaker = Breaker::new(FAILURES, OPEN_FOR);

    let mut retries = 0;
    let mut delay = FIRST_DELAY;
    loop {
        let outcome = match BREAKER.acquire() {
            None => Err(Error::CircuitOpen),
            Some(permit) => {
                let outcome = timeout(TIMEOUT, B::run(i)).await.unwrap_or(Err(Error::TimedOut));
                permit.record(outcome.is_ok());
                outcome
            }
        };
        match outcome {
            Err(_) if retries < MAX_RETRIES => {
                sleep(delay).await;
                retries += 1;
                delay = (delay * 2).min(MAX_DELAY);
            }
            outcome => return outcome,
        }
    }
}
