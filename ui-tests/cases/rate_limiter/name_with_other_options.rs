use failsafe::{Rejected, rate_limiter};

#[rate_limiter(name = "search", smooth = "100/s")]
async fn search() -> Result<usize, Rejected> {
    Ok(1)
}

#[rate_limiter(name = "search", bursty = "100/s")]
async fn suggest() -> Result<usize, Rejected> {
    Ok(1)
}

fn main() {}
