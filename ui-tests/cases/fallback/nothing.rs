use failsafe::{Rejected, fallback};

#[fallback]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[fallback(handle(Err(_)))]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
