use failsafe::{Rejected, fallback};

#[fallback(vlaue = Ok(String::new()))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[fallback(function = unavailable)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
