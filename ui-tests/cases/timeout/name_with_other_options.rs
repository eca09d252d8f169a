use failsafe::{Rejected, timeout};

#[timeout("1s", name = "searches")]
async fn search() -> Result<u32, Rejected> {
    Ok(1)
}

#[timeout("2s", name = "searches")]
async fn suggest() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
