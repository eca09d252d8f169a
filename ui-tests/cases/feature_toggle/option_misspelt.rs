use failsafe::{Rejected, feature_toggle};

#[feature_toggle(enable = false)]
async fn first() -> Result<u32, Rejected> {
    Ok(1)
}

#[feature_toggle(otherwize = Ok(1))]
async fn second() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
