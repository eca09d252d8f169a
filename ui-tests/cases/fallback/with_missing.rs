use failsafe::{Rejected, fallback};

#[fallback(with = unavailable)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
