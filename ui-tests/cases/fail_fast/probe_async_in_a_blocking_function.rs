use failsafe::{Rejected, fail_fast};

async fn ping() -> bool {
    true
}

#[fail_fast(probe = ping)]
fn path() -> Result<u32, Rejected> {
    Ok(1)
}

#[fail_fast(probe = async || id == 1)]
fn closure(id: u32) -> Result<u32, Rejected> {
    Ok(id)
}

fn main() {}
