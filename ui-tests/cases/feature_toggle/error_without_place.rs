use failsafe::feature_toggle;

#[feature_toggle(enabled = false)]
async fn number() -> Result<u32, std::num::ParseIntError> {
    "1".parse()
}

fn main() {}
