use failsafe::{Rejected, timeout};

#[timeout]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[timeout()]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
