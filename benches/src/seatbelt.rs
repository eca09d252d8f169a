//! seatbelt 0.11 (Microsoft), on tick's tokio clock, without its `logs` and `metrics` features.

use layered::{Execute, Service, Stack as _};
use seatbelt::breaker::{Breaker, BreakerLayer};
use seatbelt::retry::{Backoff, Retry, RetryLayer};
use seatbelt::timeout::{Timeout, TimeoutLayer};
use seatbelt::{RecoveryInfo, ResilienceContext};
use tick::Clock;

use crate::case::{Case, Contender, Group};
use crate::op::{Body, Error, Ready, Yields};
use crate::settings::{FAILURES, FIRST_DELAY, MAX_DELAY, MAX_RETRIES, OPEN_FOR, TIMEOUT};

type Outcome = Result<u64, Error>;
pub(crate) type Context = ResilienceContext<u64, Outcome>;

pub(crate) fn cases() -> Vec<Case> {
    let context = &Context::new(Clock::new_tokio());
    vec![
        case(Group::CircuitBreaker, (breaker(context), Execute::new(Ready::run)).into_service()),
        case(Group::Retry, (retry(context), Execute::new(Ready::run)).into_service()),
        case(Group::TimeoutReady, (timeout(context), Execute::new(Ready::run)).into_service()),
        case(Group::TimeoutYield, (timeout(context), Execute::new(Yields::run)).into_service()),
        case(Group::Stack, stack::<Ready>(context)),
        case(Group::StackYield, stack::<Yields>(context)),
    ]
}

fn case(group: Group, service: impl Service<u64, Out = Outcome> + 'static) -> Case {
    // Leaked, as a `static` would be: the futures may then borrow it.
    let service: &'static _ = Box::leak(Box::new(service));
    Case::new(group, Contender::Seatbelt, move |i| service.execute(i))
}

pub(crate) fn stack<B: Body>(context: &Context) -> impl Service<u64, Out = Outcome> + use<B> {
    (retry(context), breaker(context), timeout(context), Execute::new(B::run)).into_service()
}

fn retry(context: &Context) -> RetryLayer<u64, Outcome> {
    Retry::layer("retry", context)
        .clone_input()
        .recovery_with(|outcome, _| recovery(outcome))
        .max_retry_attempts(MAX_RETRIES)
        .backoff(Backoff::Exponential)
        .base_delay(FIRST_DELAY)
        .max_delay(MAX_DELAY)
        .use_jitter(false)
}

/// Nearest to "so many failures in a row", which seatbelt does not have: all of at least so many calls within a window
/// as long as the breaker stays open. (It refuses a threshold of exactly 1.)
fn breaker(context: &Context) -> BreakerLayer<u64, Outcome> {
    Breaker::layer("breaker", context)
        .recovery_with(|outcome, _| recovery(outcome))
        .rejected_input_error(|_, _| Error::CircuitOpen)
        .failure_threshold(0.999)
        .min_throughput(FAILURES)
        .sampling_duration(OPEN_FOR)
        .break_duration(OPEN_FOR)
}

fn timeout(context: &Context) -> TimeoutLayer<u64, Outcome> {
    Timeout::layer("timeout", context).timeout_error(|_| Error::TimedOut).timeout(TIMEOUT)
}

fn recovery(outcome: &Outcome) -> RecoveryInfo {
    if outcome.is_ok() { RecoveryInfo::never() } else { RecoveryInfo::retry() }
}
