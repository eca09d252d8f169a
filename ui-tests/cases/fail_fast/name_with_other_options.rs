use failsafe::{Rejected, fail_fast};

#[fail_fast(name = "database", failures = 2)]
async fn first() -> Result<u32, Rejected> {
    Ok(1)
}

#[fail_fast(name = "database", failures = 3, probe = || true, every = "1m")]
async fn second() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
