use failsafe::{Bulkhead, Rejected, feature_toggle, policy};

static PLACES: Bulkhead = policy!(bulkhead(10));

#[feature_toggle(PLACES)]
async fn search() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
