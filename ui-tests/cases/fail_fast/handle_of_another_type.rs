use failsafe::{Rejected, fail_fast};

#[fail_fast(handle(Some(_)))]
async fn pattern() -> Result<u32, Rejected> {
    Ok(1)
}

#[fail_fast(handle_if = |outcome: &Option<u32>| outcome.is_none())]
async fn predicate() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
