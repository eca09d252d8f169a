use failsafe::{Rejected, feature_toggle};

#[feature_toggle(otherwise = 1)]
async fn number() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
