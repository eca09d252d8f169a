use failsafe::{Rejected, adaptive_limiter};

#[adaptive_limiter(name = "searches", limits = "1..100")]
async fn search() -> Result<u32, Rejected> {
    Ok(1)
}

#[adaptive_limiter(name = "searches", limits = "1..200", initial = 50)]
async fn suggest() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
