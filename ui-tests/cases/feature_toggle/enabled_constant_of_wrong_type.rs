use failsafe::{Rejected, feature_toggle};

const ON: u32 = 1;

#[feature_toggle(enabled = ON)]
async fn number() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
