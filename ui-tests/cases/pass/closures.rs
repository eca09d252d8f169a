//! Closures in attributes know their types.
#![deny(warnings)]

use failsafe::{Failure, Kind, Rejected, circuit_breaker, fallback, retry, timeout};
use std::time::Duration;

#[derive(Debug, Clone)]
struct Busy {
    retry_after: Option<Duration>,
    text: String,
}

impl From<Rejected> for Busy {
    fn from(rejected: Rejected) -> Self {
        Self { retry_after: rejected.retry_after(), text: rejected.to_string() }
    }
}

#[fallback(
    with = |failure| match failure {
        Failure::Outcome(outcome) => outcome.or_else(|busy| Ok(busy.text)),
        Failure::Rejected(rejected) => Ok(rejected.kind().to_string()),
    },
    on_fallback = |event| println!("{:?}", event.outcome().map(|outcome| outcome.is_ok())),
)]
#[retry(
    delay_with = |outcome| outcome.as_ref().err().and_then(|busy| busy.retry_after),
    handle_if = |outcome| outcome.as_ref().is_err_and(|busy| busy.text.len() > name.len()),
    abort_if = |outcome| outcome.as_ref().is_ok_and(|text| text.is_empty()),
    on_retry = |event| println!("{} {:?}", event.attempts(), event.name().len()),
    on_failure = |event| println!("{:?}", event.outcome().map(|flow| flow.is_err())),
)]
#[circuit_breaker(
    failures = 5,
    delay_with = |_| Some(Duration::from_secs(1)),
    on_state_changed = |event| println!("{:?}", event.to()),
    on_failure = |event| println!("{name} {:?}", event.outcome().as_ref().map(|outcome| outcome.is_err())),
)]
#[timeout("1s", on_timeout = |event| println!("{}", event.name().len()))]
async fn greeting(name: &str) -> Result<String, Busy> {
    Ok(format!("hello {name}"))
}

#[fallback(with = async |failure| failure.outcome().unwrap_or(Err(Kind::Timeout.to_string())))]
#[timeout("1s")]
async fn farewell() -> Result<u32, String> {
    Ok(7)
}

#[fallback(with = |_| async { Ok(8) })]
#[timeout("1s")]
async fn nod() -> Result<u32, String> {
    Ok(7)
}

#[timeout("1s", map_err = |rejected| rejected.kind().to_string())]
async fn wave() -> Result<u32, String> {
    Ok(7)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("{:?} {:?} {:?} {:?}", greeting("you").await, farewell().await, nod().await, wave().await);
}
