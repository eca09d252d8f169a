use failsafe::{Rejected, feature_toggle};

#[feature_toggle(enabled = on)]
async fn number(on: bool) -> Result<u32, Rejected> {
    Ok(on.into())
}

fn main() {}
