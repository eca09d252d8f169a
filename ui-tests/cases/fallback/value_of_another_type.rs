use failsafe::{Rejected, fallback};

#[fallback(value = "unavailable")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
