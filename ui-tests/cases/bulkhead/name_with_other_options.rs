use failsafe::{Rejected, bulkhead};

#[bulkhead(10, name = "searches")]
async fn search() -> Result<u32, Rejected> {
    Ok(1)
}

#[bulkhead(10, name = "searches", wait = "1s")]
async fn suggest() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
