use failsafe::{FailFast, Rejected, fail_fast, policy};

static DATABASE: FailFast = policy!(fail_fast(failures = 3, when = || true));

#[fail_fast(DATABASE, failures = 2, every = "1s", key = 1)]
async fn guarded() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
