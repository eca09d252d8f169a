use failsafe::{Rejected, fail_fast};

async fn status() -> u16 {
    200
}

#[fail_fast(probe = status)]
async fn path() -> Result<u32, Rejected> {
    Ok(1)
}

#[fail_fast(probe = async || id + 1)]
async fn closure(id: u32) -> Result<u32, Rejected> {
    Ok(id)
}

fn main() {}
