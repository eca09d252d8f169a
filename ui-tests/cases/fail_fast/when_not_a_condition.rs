use failsafe::{Rejected, fail_fast};

#[fail_fast(when = || 1)]
async fn number() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
