use failsafe::{Rejected, timeout};

#[timeout("1sec")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[timeout(1x)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
