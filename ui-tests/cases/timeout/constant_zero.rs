use failsafe::{Rejected, timeout};
use std::time::Duration;

const ZERO: Duration = Duration::ZERO;

#[timeout(ZERO)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
