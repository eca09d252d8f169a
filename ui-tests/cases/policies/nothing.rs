use failsafe::{Rejected, policies, stack};

stack! {
    PAYMENTS = #[retry(max = 3)] #[timeout("10s")]
}

#[policies]
async fn pay() -> Result<u32, Rejected> {
    refund().await
}

#[policies()]
async fn refund() -> Result<u32, Rejected> {
    Ok(1)
}

#[policies(PAYMENTS)]
async fn check() -> Result<u32, Rejected> {
    refund().await
}

fn main() {}
