use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = 5, max_keys = 100)]
async fn greeting(user: u64) -> Result<String, Rejected> {
    Ok(format!("hello {user}"))
}

fn main() {}
