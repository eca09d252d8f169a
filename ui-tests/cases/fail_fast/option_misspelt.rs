use failsafe::{Rejected, fail_fast};

#[fail_fast(failure = 3)]
async fn first() -> Result<u32, Rejected> {
    Ok(1)
}

#[fail_fast(probes = || true)]
async fn second() -> Result<u32, Rejected> {
    Ok(1)
}

#[fail_fast(on_failure = |_| ())]
async fn third() -> Result<u32, Rejected> {
    Ok(1)
}

#[fail_fast(delay = "10s")]
async fn fourth() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
