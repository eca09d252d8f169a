use failsafe::{Rejected, bulkhead, circuit_breaker, rate_limiter};

#[circuit_breaker(failures = 5, key = "tenant")]
async fn first(tenant: &str) -> Result<String, Rejected> {
    Ok(tenant.to_owned())
}

#[rate_limiter(smooth = "100/s", key = ("eu", 7))]
async fn second(tenant: &str) -> Result<String, Rejected> {
    Ok(tenant.to_owned())
}

#[bulkhead(10, key = ())]
async fn third(tenant: &str) -> Result<String, Rejected> {
    Ok(tenant.to_owned())
}

fn main() {}
