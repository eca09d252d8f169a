use failsafe::{Rejected, policies, stack};

stack! {
    PAYMENTS = #[retry(max = 3)] #[timeout("10s")]
}

#[policies("PAYMENTS")]
async fn quoted() {}

#[policies(retry(max = 3), timeout("1s"))]
async fn written_here() {}

#[policies(PAYMENTS!)]
async fn called() {}

#[policies(PAYMENTS(max = 3))]
async fn with_options() {}

#[policies(name = PAYMENTS)]
async fn named() {}

#[policies(PAYMENTS, PAYMENTS)]
async fn two() {}

#[policies(PAYMENTS, map_err = drop)]
async fn with_more() {}

#[policies(PAYMENTS)]
async fn right() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
