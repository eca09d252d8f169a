use failsafe::{Rejected, Timeout, circuit_breaker, policy};

static TEN_SECONDS: Timeout = policy!(timeout("10s"));

#[circuit_breaker(TEN_SECONDS)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
