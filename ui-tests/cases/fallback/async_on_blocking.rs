use failsafe::{Rejected, fallback};

#[fallback(with = async |_| Ok("unavailable".to_owned()))]
fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
