use failsafe::{Rejected, policies, stack};

stack! {
    PAYMENTS =
        #[retry(max = 3, bakoff = "1s..10s")]
        #[circuit_breaker(name = "svcB", failures = "5/3")]
        #[timeout("1sec")];
    BACKUPS = #[retry(max = 3)] #[fallback(value = Ok(1))];
}

#[policies(PAYMENTS)]
async fn pay() -> Result<u32, Rejected> {
    Ok(1)
}

#[policies(PAYMENTS)]
#[policies(BACKUPS)]
async fn refund() -> Result<u32, Rejected> {
    pay().await
}

fn main() {}
