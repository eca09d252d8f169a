use failsafe::{Rejected, circuit_breaker, timeout};

#[circuit_breaker(failures = 5, handle_rejected(Kind::TimedOut))]
#[timeout("1s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
