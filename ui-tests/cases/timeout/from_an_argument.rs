use failsafe::{Rejected, timeout};
use std::time::Duration;

#[timeout(patience)]
async fn greeting(patience: Duration) -> Result<String, Rejected> {
    Ok(format!("hello within {patience:?}"))
}

fn main() {}
