use failsafe::{Rejected, fallback};

#[fallback(with = |_| "unavailable".to_owned())]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[fallback(with = async |_| "unavailable".to_owned())]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
