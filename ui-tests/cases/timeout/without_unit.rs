use failsafe::{Rejected, timeout};

#[timeout(10)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[timeout("10")]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
