use failsafe::{Rejected, bulkhead};

const NOBODY: u32 = 0;

#[bulkhead(10, wait = "1s", queue = NOBODY)]
async fn first(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

fn main() {}
