use failsafe::{Rejected, policies, stack};

stack! {
    OF_A_TENANT = #[circuit_breaker(failures = 5, key = tenant)]
}

#[policies(OF_A_TENANT)]
async fn pay(tenant: &str) -> Result<usize, Rejected> {
    Ok(tenant.len())
}

#[policies(OF_A_TENANT)]
async fn refund(customer: &str) -> Result<usize, Rejected> {
    Ok(customer.len())
}

fn main() {}
