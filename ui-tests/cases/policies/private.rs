use failsafe::policies;

mod resilience {
    failsafe::stack! { PAYMENTS = #[retry(max = 3)] }
}

#[policies(resilience::PAYMENTS)]
async fn pay() -> Option<u32> {
    Some(1)
}

fn main() {}
