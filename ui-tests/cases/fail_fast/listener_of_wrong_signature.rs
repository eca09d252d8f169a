use failsafe::circuit_breaker::StateChanged;
use failsafe::{Rejected, fail_fast};

#[fail_fast(on_failed = || println!("down"))]
async fn without_event() -> Result<u32, Rejected> {
    Ok(1)
}

#[fail_fast(on_recovered = |event: &StateChanged| println!("{event:?}"))]
async fn of_another_policy() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
