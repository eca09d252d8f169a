use failsafe::{Rejected, retry};
use std::time::Duration;

#[retry(delay = pause)]
async fn greeting(pause: Duration) -> Result<String, Rejected> {
    Ok(format!("hello after {pause:?}"))
}

fn main() {}
