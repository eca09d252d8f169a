use failsafe::{Rejected, fail_fast};

#[fail_fast(failures = 3, every = "10s")]
async fn nobody_asks() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
