use failsafe::{Rejected, policies, stack};

stack! {
    PAYMENTS = #[policies(PAYMENTS)] #[retry]
}

#[policies(PAYMENTS)]
async fn pay() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
