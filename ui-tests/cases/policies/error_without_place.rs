use failsafe::{Rejected, policies, stack};

stack! {
    PAYMENTS = #[retry(max = 3)] #[timeout("10s")]
}

#[policies(PAYMENTS)]
async fn pay() -> Result<u32, u8> {
    Ok(2)
}

#[policies(PAYMENTS)]
async fn refund() -> Result<u32, Rejected> {
    Ok(2)
}

fn main() {}
