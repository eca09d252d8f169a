use failsafe::{Rejected, policies, stack};

stack! {
    PAYMENTS = #[retry(max = 3)] #[timeout("10s")]
}

#[policies(PAYMENTS)]
fn pay() -> Result<u32, Rejected> {
    Ok(1)
}

#[policies(PAYMENTS)]
async fn refund() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
