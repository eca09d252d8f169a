use failsafe::{Rejected, fail_fast};

async fn ping(host: &str) -> bool {
    host.is_empty()
}

#[fail_fast(probe = ping)]
async fn path() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
