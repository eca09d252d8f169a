use failsafe::{Rejected, fail_fast};

fn ping() -> bool {
    true
}

#[fail_fast(probe = ping, every = "0s")]
async fn zero() -> Result<u32, Rejected> {
    Ok(1)
}

#[fail_fast(probe = ping, every = 10)]
async fn no_unit() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
