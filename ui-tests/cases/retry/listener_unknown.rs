use failsafe::{Rejected, retry};

#[retry(on_retries = |_| {})]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(on_open = |_| {})]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
