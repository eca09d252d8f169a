//! A crate that forbids what it can, with every policy and every option.
#![forbid(unsafe_code)]
#![deny(missing_docs, warnings, unused_qualifications, unreachable_pub)]

use failsafe::{
    CircuitBreaker, Failure, Rejected, Retry, Timeout, circuit_breaker, fallback, policy, retry,
    timeout,
};
use std::sync::Arc;
use std::time::Duration;

/// Why a greeting failed.
#[derive(Debug)]
pub enum Error {
    /// The service answered with this.
    Status(u16),
    /// A policy refused the call.
    Rejected(Rejected),
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}

/// The breaker of service B.
pub static SVC_B: CircuitBreaker =
    policy!(circuit_breaker(name = "svcB", failures = "3/5", successes = 2, delay = "1m"));
/// Retries with patience.
pub static PATIENT: Retry = policy!(retry(attempts = 4, backoff = 1s..10s, factor = 1.5));
/// A limit for all.
pub static LIMIT: Timeout = policy!(timeout("10s"));

const MAX: u32 = 3;
const PAUSE: Duration = Duration::from_millis(10);
const SVC_C: &str = "svcC";

fn is_busy(outcome: &Result<String, Error>) -> bool {
    matches!(outcome, Err(Error::Status(429)))
}

fn unavailable(failure: Failure<Result<String, Error>>) -> Result<String, Error> {
    match failure {
        Failure::Outcome(outcome) => outcome,
        Failure::Rejected(rejected) => Err(rejected.into()),
    }
}

async fn later(failure: Failure<Result<String, Error>>) -> Result<String, Error> {
    unavailable(failure)
}

/// A client of the service.
pub struct Client {
    breaker: Arc<CircuitBreaker>,
    limit: Timeout,
    calls: u32,
}

impl Client {
    /// Greets.
    #[fallback(
        with = later,
        handle(Err(Error::Status(code)) if *code != 404),
        handle_if = is_busy,
        handle_rejected(Kind::Timeout | Kind::CircuitOpen),
        on_fallback = |event| println!("{}", event.name()),
        on_success = |_| {},
        on_failure = |_| {},
    )]
    #[retry(
        max = MAX,
        delay = PAUSE,
        jitter = "5ms",
        max_duration = "1m",
        exhausted = "error",
        delay_with = |_| Some(Duration::from_millis(5)),
        handle(Err(_)),
        handle_if = is_busy,
        handle_rejected(Kind::Timeout),
        abort(Err(Error::Status(404))),
        abort_if = |outcome| outcome.is_ok(),
        abort_rejected(Kind::CircuitOpen),
        on_retry_scheduled = |_| {},
        on_retry = |event| println!("{id} {}", event.name()),
        on_abort = |_| {},
        on_retries_exceeded = |_| {},
        on_success = |_| {},
        on_failure = |_| {},
    )]
    #[circuit_breaker(
        name = SVC_C,
        failures = "20% of 5 in 1m",
        successes = "2/3",
        delay = "30s",
        slow = "2s",
        delay_with = |_| None,
        handle(Err(_)),
        handle_if = is_busy,
        handle_rejected(Kind::Timeout),
        on_state_changed = |_| {},
        on_open = |_| {},
        on_half_open = |_| {},
        on_close = |_| println!("{id} is back"),
        on_success = |_| {},
        on_failure = |_| {},
    )]
    #[timeout(PAUSE, name = "one call", on_timeout = |_| {})]
    pub async fn greeting(&mut self, id: u64) -> Result<String, Error> {
        self.calls += 1;
        Ok(format!("hello {id}"))
    }

    /// Says goodbye.
    #[retry(PATIENT)]
    #[circuit_breaker(self.breaker, on_failure = |_| {})]
    #[timeout(self.limit)]
    pub async fn farewell(&self, id: u64) -> Result<String, Error> {
        Err(Error::Status(u16::try_from(id).unwrap_or_default()))
    }

    /// One breaker for each.
    #[circuit_breaker(failures = 5, key = id, max_keys = 10, key_idle = "5m")]
    pub fn nod(&self, id: u64) -> Result<u32, Error> {
        if id == 0 { Err(Error::Status(404)) } else { Ok(self.calls) }
    }
}

/// Counts.
#[fallback(value = 0)]
#[circuit_breaker(SVC_B, handle_if = |count| *count == 0)]
pub async fn count(of: u32) -> u32 {
    of
}

/// Fails with the error of the standard library.
#[fallback(error = std::io::Error::other("unavailable"))]
#[retry(random_delay = "1ms..2ms", max = unlimited, max_duration = "1s", handle_rejected(Kind::Timeout))]
#[timeout("100ms")]
pub async fn read() -> std::io::Result<u8> {
    Ok(7)
}

/// Converts what leaves the stack.
#[timeout("1s", map_err = |rejected| rejected.to_string())]
pub async fn text() -> Result<String, String> {
    Ok("hello".to_owned())
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let breaker = Arc::new(CircuitBreaker::builder().build());
    let mut client = Client { breaker, limit: policy!(timeout("1s")), calls: 0 };
    println!("{:?} {:?}", client.greeting(1).await, client.nod(1));
    println!("{:?} {:?} {} {:?}", client.farewell(1).await, read().await, count(2).await, text().await);
    println!("{:?} {:?}", SVC_B.state(), LIMIT);
}
