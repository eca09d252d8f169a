use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures = 5, key = weight)]
async fn greeting(weight: f64) -> Result<String, Rejected> {
    Ok(format!("hello {weight}"))
}

fn main() {}
