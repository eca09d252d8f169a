use failsafe::{Rejected, circuit_breaker, fallback, retry};

#[retry(max = 3)]
#[circuit_breaker(failures = 5)]
#[fallback(with = |_| Ok(String::new()))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
