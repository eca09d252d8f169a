use failsafe::{Rejected, feature_toggle};

#[feature_toggle(when = true)]
async fn number() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
