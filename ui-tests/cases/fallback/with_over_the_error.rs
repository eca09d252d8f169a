use failsafe::{Rejected, fallback};

fn unavailable(error: Rejected) -> Result<String, Rejected> {
    Err(error)
}

#[fallback(with = unavailable)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
