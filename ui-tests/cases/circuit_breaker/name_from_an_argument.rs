use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(name = tenant)]
async fn greeting(tenant: &str) -> Result<String, Rejected> {
    Ok(format!("hello {tenant}"))
}

#[circuit_breaker(name = format!("svc-{tenant}"))]
async fn farewell(tenant: &str) -> Result<String, Rejected> {
    Ok(format!("bye {tenant}"))
}

fn main() {}
