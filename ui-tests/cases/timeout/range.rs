use failsafe::{Rejected, timeout};

#[timeout("1s..10s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[timeout(1s..)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
