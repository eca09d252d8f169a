use failsafe::{Rejected, fallback};

fn unavailable() -> Result<String, Rejected> {
    Ok("unavailable".to_owned())
}

#[fallback(with = unavailable)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[fallback(with = || Ok("unavailable".to_owned()))]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
