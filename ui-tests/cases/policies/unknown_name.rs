use failsafe::{Rejected, policies, stack};

stack! {
    PAYMENTS = #[retry(max = 3)] #[timeout("10s")]
}

mod resilience {
    failsafe::stack! { pub(crate) BACKUP = #[retry] }
}

#[policies(PAYMNTS)]
async fn pay() -> Result<u32, Rejected> {
    Ok(1)
}

#[policies(resilience::BACKUPS)]
async fn back_up() -> Result<u32, Rejected> {
    Ok(1)
}

#[policies(PAYMENTS)]
async fn refund() -> Result<u32, Rejected> {
    pay().await
}

#[policies(resilience::BACKUP)]
async fn restore() -> Result<u32, Rejected> {
    back_up().await
}

fn main() {}
