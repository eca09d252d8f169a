use failsafe::{Rejected, fail_fast};

const NONE: u32 = 0;

#[fail_fast(failures = NONE)]
async fn constant() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
