use failsafe::{Rejected, feature_toggle};

#[feature_toggle(name = "search", enabled = true)]
async fn first() -> Result<u32, Rejected> {
    Ok(1)
}

#[feature_toggle(name = "search", enabled = false)]
async fn second() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
