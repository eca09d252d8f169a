use failsafe::{Rejected, policies, stack};

stack! {
    PAYMENTS = #[retyr(max = 3)] #[inline] #[timeout = "1s"]
}

#[policies(PAYMENTS)]
async fn pay() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
