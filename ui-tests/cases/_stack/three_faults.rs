use failsafe::{Rejected, circuit_breaker, retry, timeout};

#[retry(max = 3, bakoff = "1s..10s")]
#[circuit_breaker(name = "svcB", failures = "5/3")]
#[timeout("1sec")]
async fn greeting(id: u64) -> Result<String, Rejected> {
    Ok(format!("hello {id}"))
}

fn main() {}
