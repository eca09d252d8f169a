use failsafe::{Rejected, timeout};
use std::time::Duration;

#[timeout(limit)]
async fn greeting(limit: Duration) -> Result<String, Rejected> {
    Ok(format!("hello within {limit:?}"))
}

fn main() {}
