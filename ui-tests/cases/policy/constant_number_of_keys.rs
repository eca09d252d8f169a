use failsafe::{Rejected, circuit_breaker};

const NONE: usize = 0;

#[circuit_breaker(failures = 5, key = user, max_keys = NONE)]
async fn greeting(user: u64) -> Result<String, Rejected> {
    Ok(format!("hello {user}"))
}

fn main() {}
