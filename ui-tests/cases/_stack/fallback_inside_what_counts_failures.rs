use failsafe::{Failure, Rejected, adaptive_throttler, circuit_breaker, fail_fast, fallback};

type Greeting = Result<String, Rejected>;

#[circuit_breaker(failures = 5)]
#[fallback(value = Ok(String::new()))]
async fn first() -> Greeting {
    Ok("hello".to_owned())
}

#[fail_fast(failures = 5)]
#[fallback(with = |_| Ok(String::new()))]
async fn second() -> Greeting {
    Ok("hello".to_owned())
}

#[adaptive_throttler(failure_rate = "10% in 1m")]
#[fallback(value = Some(String::new()))]
async fn third() -> Option<String> {
    Some("hello".to_owned())
}

// It counts what is slow, or what the fallback leaves.
#[circuit_breaker(failures = 5, slow = "1s")]
#[fallback(value = Ok(String::new()))]
async fn slow() -> Greeting {
    Ok("hello".to_owned())
}

fn some(failure: Failure<Greeting>) -> Greeting {
    match failure {
        Failure::Outcome(outcome) => outcome,
        Failure::Rejected(_) => Ok(String::new()),
    }
}

#[circuit_breaker(failures = 5)]
#[fallback(with = some)]
async fn some_are_left() -> Greeting {
    Ok("hello".to_owned())
}

fn main() {}
