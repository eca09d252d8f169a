use failsafe::{Rejected, fail_fast};

#[fail_fast(when = true)]
async fn flag() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
