use failsafe::{Rejected, timeout};

#[timeout("-1s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[timeout(-5)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
