use failsafe::{Rejected, policies, stack};

stack! {
    PAYMENTS = #[retry(max = 3)] #[timeout("10s")]
}

#[policies(PAYMENTS)]
#[failsafe::fallback(value = Ok(1))]
async fn pay() -> Result<u32, Rejected> {
    Ok(2)
}

fn main() {}
