use failsafe::{Rejected, feature_toggle};

#[feature_toggle(enabled = 1)]
async fn number() -> Result<u32, Rejected> {
    Ok(1)
}

#[feature_toggle(enabled = "true")]
async fn text() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
