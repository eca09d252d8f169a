use failsafe::{Rejected, feature_toggle};

#[feature_toggle(when = |number| number > 1)]
async fn same(number: u32) -> Result<u32, Rejected> {
    Ok(number)
}

fn main() {}
