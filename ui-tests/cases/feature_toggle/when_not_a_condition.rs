use failsafe::{Rejected, feature_toggle};

#[feature_toggle(when = || 1)]
async fn number() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
