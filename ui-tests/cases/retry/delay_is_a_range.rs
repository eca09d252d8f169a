use failsafe::{Rejected, retry};

#[retry(delay = "1s..10s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(delay = 1s..10s)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
