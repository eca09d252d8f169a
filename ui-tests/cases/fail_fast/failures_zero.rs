use failsafe::{Rejected, fail_fast};

#[fail_fast(failures = 0)]
async fn zero() -> Result<u32, Rejected> {
    Ok(1)
}

#[fail_fast(failures = "3/5")]
async fn of_a_window() -> Result<u32, Rejected> {
    Ok(1)
}


fn main() {}
