use failsafe::{Rejected, circuit_breaker, fail_fast, feature_toggle, retry};

#[retry(max = unlimited)]
#[circuit_breaker(failures = 5)]
async fn first() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(max = unlimited)]
#[fail_fast(failures = 5)]
fn second() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(max = unlimited)]
#[feature_toggle(name = "greetings")]
fn third() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[failsafe::timeout("10s")]
#[retry(max = unlimited)]
#[circuit_breaker(failures = 5)]
async fn ends() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(max = unlimited, abort_rejected(Kind::CircuitOpen))]
#[circuit_breaker(failures = 5)]
async fn ends_too() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
