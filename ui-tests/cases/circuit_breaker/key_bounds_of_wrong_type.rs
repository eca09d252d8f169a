use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = 5, key = user, max_keys = "100")]
async fn greeting(user: u64) -> Result<String, Rejected> {
    Ok(format!("hello {user}"))
}

#[circuit_breaker(failures = 5, key = user, key_idle = 10)]
async fn farewell(user: u64) -> Result<String, Rejected> {
    Ok(format!("bye {user}"))
}

#[circuit_breaker(failures = 5, key = user, max_keys = 0)]
async fn nod(user: u64) -> Result<String, Rejected> {
    Ok(format!("nods to {user}"))
}

fn main() {}
