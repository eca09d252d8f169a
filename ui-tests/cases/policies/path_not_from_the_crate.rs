use failsafe::{Rejected, policies};

mod resilience {
    pub(crate) const MAX: u32 = 3;

    failsafe::stack! {
        pub(crate) PAYMENTS = #[retry(max = MAX)];
        pub(crate) REFUNDS = #[retry(max = crate::resilience::MAX)];
    }
}

#[policies(resilience::REFUNDS)]
async fn refund() -> Result<u32, Rejected> {
    Ok(1)
}

#[policies(resilience::PAYMENTS)]
async fn pay() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
