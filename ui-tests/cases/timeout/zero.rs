use failsafe::{Rejected, timeout};

#[timeout("0s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[timeout(limit = 0ms)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
